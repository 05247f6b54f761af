package project_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/extract/snapshot"
)

// TestWrittenMission holds that a mission says of its sources all that the
// config it was written from says, but for what the centre keeps to itself.
func TestWrittenMission(t *testing.T) {
	_, recipient, err := snapshot.GenerateIdentity()
	if err != nil {
		t.Fatal(err)
	}
	config := &project.Config{
		Project: "rabat", Country: "dz", Recipients: []string{recipient.String()}, SigningKey: "secrets/signing.key",
		Target: project.Target{Driver: project.SQLite, Path: "unified.db"}, Mappings: "mappings", Snapshots: "snapshots", Mode: project.Rehearsal, Sample: project.Sample{Confidence: 0.95, Tolerable: 0.01},
		Sources: []project.Source{{
			ID: "files", System: "essp", Driver: project.CSV, Path: "incoming", Separator: '\t', Escaped: true, Encoding: "utf-16le",
			Files: "*.txt", Tables: map[string][]string{"visits": {"a*.txt", "b: #.txt"}}, MaxRate: 5,
			Attachments: map[string]project.Attachment{"documents": {Column: "RUTA", Folder: `\\server\scans`}},
		}, {
			ID: "live", System: "hosix", Driver: project.SQLServer, DSNFile: "live.dsn",
			Window: project.Window{From: 1320, To: 360}, Connections: 2, AllowLock: []string{"dbo.A, B", "*"},
			LeaveOut: map[string]project.LeaveOut{"dbo.USUARIOS": {All: true}, "dbo.يوم": {Columns: []string{"FOTO", "yes"}}},
		}, {
			ID: "quoted", System: "essp", Driver: project.CSV, Path: "C:\\in", Separator: ';', Quote: '\'',
		}, {
			ID: "unquoted", System: "essp", Driver: project.CSV, Path: "in", Unquoted: true, Window: project.Window{From: 1200, To: 1440},
		}},
	}
	text, err := config.Mission()
	if err != nil {
		t.Fatal(err)
	}
	got, err := project.ParseMission("mission.yaml", text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if diff := cmp.Diff(config, got); diff != "" {
		t.Errorf("mission (-want +got):\n%s\n%s", diff, text)
	}
	config.Sources[0].Facility = project.Facility{Code: "CS-1"}
	config.Sources[1].DSNFile = "secrets/of-the-centre.dsn"
	config.Identity = "secrets/identity.txt"
	again, err := config.Mission()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(text), string(again)); diff != "" {
		t.Errorf("the mission tells what the centre keeps to itself:\n%s", diff)
	}
}
