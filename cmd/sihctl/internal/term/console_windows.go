package term

import (
	"os"

	"golang.org/x/sys/windows"
)

// enableColour asks a console to understand colours. Those before Windows 10
// do not.
func enableColour(f *os.File) bool {
	console := windows.Handle(f.Fd())
	var mode uint32
	if windows.GetConsoleMode(console, &mode) != nil {
		return false
	}
	return windows.SetConsoleMode(console, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
