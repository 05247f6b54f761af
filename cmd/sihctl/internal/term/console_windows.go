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

// showsUnicode tells whether the console shows more than ASCII. Go writes to it
// in UTF-16, whatever its code page; but what of that there is to be seen hangs
// on the font, and the consoles before Windows 10 come with raster fonts.
func showsUnicode() bool {
	major, _, _ := windows.RtlGetNtVersionNumbers()
	return major >= 10
}

// The signs of a list, such as the fonts of consoles have them: of ✓ they have
// none.
const checkSign, crossSign = "√", "×"
