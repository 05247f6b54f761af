//go:build race

package sqlserver_test

const underRaceDetector = true
