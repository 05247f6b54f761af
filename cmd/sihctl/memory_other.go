//go:build !linux

package main

import "runtime"

// peakMemory returns about the greatest memory that this process had, in
// bytes: what the runtime took of the system.
func peakMemory() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Sys
}
