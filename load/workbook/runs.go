package workbook

import (
	"strconv"
	"time"
)

// runs writes the project's runs, the red ones too, where they are known.
func (b *book) runs() error {
	if b.Runs == nil {
		return nil
	}
	s, err := b.open(tabRuns, len(b.Runs),
		column{key: "run", width: 29}, column{key: "mode", width: 11}, column{key: "wave", width: 12}, column{key: "sequence", kind: plain, width: 5},
		column{key: "tool", width: 8}, column{key: "finished", width: 18},
		column{key: "extracted", kind: whole, width: 11}, column{key: "accepted", kind: whole, width: 11}, column{key: "rejected", kind: whole, width: 9},
		column{key: "lines_off", kind: whole, width: 8}, column{key: "status", kind: status, width: 11},
		column{key: "tolerances", kind: long, width: 22}, column{key: "tolerances_changed", width: 11}, column{key: "by", width: 9},
		column{key: "config_hash", width: 14}, column{key: "mapping_hash", width: 16}, column{key: "snapshot_hash", width: 12})
	if err != nil {
		return err
	}
	if err := s.totals(nil); err != nil {
		return err
	}
	ok, bad := b.words["status.ok"], b.words["status.bad"]
	for i, r := range b.Runs {
		changed := ""
		if i > 0 && r.Tolerances != b.Runs[i-1].Tolerances {
			changed = b.words["yes"]
		}
		state := ok
		if r.Differences != 0 {
			state = bad
		}
		if err := s.add(r.ID.String(), b.words.code("mode", r.Mode), r.Wave, r.Sequence, r.Tool, clock(r.Finished),
			r.Extracted, r.Accepted, r.Rejected, r.Differences,
			live{"IF({lines_off}=0," + strconv.Quote(ok) + "," + strconv.Quote(bad) + ")", state},
			r.Tolerances, changed, r.By, short(r.ConfigHash), short(r.MappingHash), short(r.SnapshotHash)); err != nil {
			return err
		}
	}
	return s.close()
}

// clock shows a moment as its location's clock did, and nothing for none.
func clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("2006-01-02 15:04:05")
}

// short cuts a hash to what tells two runs apart; the Summary has the whole.
func short(hash string) string {
	if len(hash) > 8 {
		return hash[:8] + "…"
	}
	return hash
}
