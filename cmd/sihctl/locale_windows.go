package main

import "golang.org/x/sys/windows"

// userLocale is the first language that the user has Windows speak.
func userLocale() string {
	names, err := windows.GetUserPreferredUILanguages(windows.MUI_LANGUAGE_NAME)
	if err != nil || len(names) == 0 {
		return ""
	}
	return names[0]
}
