//go:build unix

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sihctl/sih/cmd/sihctl/internal/simulate"
)

// BenchmarkLink links lists of simulated patients, of as many records as
// SIH_BENCH_RECORDS names, or 100,000 and a million. It tells the pairs that
// were compared, how many a worker compares in a second of the clock, which on
// a busy machine is less than what a core can, the processor's and the clock's
// seconds and the greatest memory of the whole program, reading and writing
// included, and the processor's time in ratio to a loop that is always the
// same: what of a figure is the machine's, or of others who use it, is in both.
func BenchmarkLink(b *testing.B) {
	sizes := "100000 1000000"
	if s := os.Getenv("SIH_BENCH_RECORDS"); s != "" {
		sizes = s
	}
	for size := range strings.FieldsSeq(sizes) {
		records, err := strconv.Atoi(size)
		if err != nil {
			b.Fatalf("SIH_BENCH_RECORDS: %v", err)
		}
		b.Run("records="+size, func(b *testing.B) {
			dir := b.TempDir()
			// A person has about 1.57 records.
			if _, err := simulate.WritePatients(b.Context(), dir, simulate.Config{Patients: records * 64 / 100, Seed: 3}); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				linkOnce(b, dir)
			}
		})
	}
}

func linkOnce(b *testing.B, dir string) {
	loop := calibrate(b)
	cmd := exec.Command("sihctl", "link", filepath.Join(dir, "patients.csv"), "--truth", filepath.Join(dir, "truth.csv"),
		"--as-of", "2026-01-31", "--out", filepath.Join(dir, "clusters.csv"), "--output", "json", "--quiet")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		b.Fatal(err)
	}
	loop = min(loop, calibrate(b))
	var r linkResult
	if err := json.Unmarshal(out, &r); err != nil {
		b.Fatal(err)
	}
	comparing := 0.0
	for _, p := range r.Passes {
		comparing += p.Seconds
	}
	cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	b.ReportMetric(float64(r.Records), "records")
	b.ReportMetric(float64(r.Pairs), "pairs")
	b.ReportMetric(float64(r.Pairs)/comparing, "pairs/s/worker")
	b.ReportMetric(cpu.Seconds(), "cpu-s")
	b.ReportMetric(r.Seconds, "s")
	b.ReportMetric(float64(r.Memory>>20), "MB-peak")
	b.ReportMetric(cpu.Seconds()/loop.Seconds(), "of-loop")
	b.ReportMetric(r.Score.F1, "F1")
}

// calibrate measures a fixed piece of plain work: 200,000 Levenshtein
// distances of names, by the textbook's table. The fastest of five counts.
func calibrate(b *testing.B) time.Duration {
	names := strings.Fields("mohammed mouhamed fatima fatiha abdellah abdelilah benjelloun ouazzani khadija meryem")
	best := time.Hour
	for range 5 {
		begin := time.Now()
		sum := 0
		for k := range 200_000 {
			sum += levenshtein(names[k%10], names[k/10%10])
		}
		best = min(best, time.Since(begin))
		if sum == 0 {
			b.Fatal("names that differ are the same")
		}
	}
	return best
}

func levenshtein(a, b string) int {
	var row [32]int
	for j := range len(b) + 1 {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			d := before
			if a[i] != b[j] {
				d = 1 + min(before, row[j], row[j+1])
			}
			before, row[j+1] = row[j+1], d
		}
	}
	return row[len(b)]
}
