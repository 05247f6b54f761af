package main

import (
	"os"

	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/snapshot"
)

// sources are the region's sources.
var sources = []string{"enova", "hosix", "bilmed", "dedalus", "essp"}

// rewrite makes the snapshot of a source again, with what change makes of each
// row: itself, several rows, or none. Change is called with the table
// and the row's number in it, from 0.
func (s *site) rewrite(source string, change func(table extract.Table, n int, row extract.Row) []extract.Row) {
	s.t.Helper()
	dir := s.path("snapshots/" + source)
	old, err := snapshot.Open(dir)
	s.check(err)
	w, err := snapshot.Create(dir+".new", old.Info)
	s.check(err)
	for _, table := range old.Tables {
		tw, err := w.Table(table.Table)
		s.check(err)
		n := 0
		for _, c := range table.Chunks {
			for row, err := range old.Rows(table, c) {
				s.check(err)
				for _, changed := range change(table.Table, n, row) {
					s.check(tw.Append(changed))
				}
				n++
			}
		}
		for _, c := range table.Rejects {
			list, err := old.Rejected(c)
			s.check(err)
			for _, r := range list {
				s.check(tw.Reject(r))
			}
		}
		s.check(tw.Close())
	}
	s.check(w.Close())
	s.check(os.RemoveAll(dir))
	s.check(os.Rename(dir+".new", dir))
}

func (s *site) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}
