package project

import (
	"bytes"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// The written forms of a mission, whose fields are those that mission reads. A
// field that says nothing is left out.
type (
	missionText struct {
		Project    string                `yaml:"project"`
		Country    string                `yaml:"country,omitempty"`
		Recipients []string              `yaml:"recipients"`
		SigningKey string                `yaml:"signing_key,omitempty"`
		Sources    map[string]sourceText `yaml:"sources"`
	}
	sourceText struct {
		System      string                    `yaml:"system"`
		Driver      Driver                    `yaml:"driver"`
		DSNFile     string                    `yaml:"dsn_file,omitempty"`
		Path        string                    `yaml:"path,omitempty"`
		Separator   string                    `yaml:"separator,omitempty"`
		Quote       string                    `yaml:"quote,omitempty"`
		Escape      string                    `yaml:"escape,omitempty"`
		Encoding    string                    `yaml:"encoding,omitempty"`
		Files       string                    `yaml:"files,omitempty"`
		Tables      map[string][]string       `yaml:"tables,omitempty"`
		Window      string                    `yaml:"window,omitempty"`
		MaxRate     int64                     `yaml:"max_rate,omitempty"`
		Connections int                       `yaml:"connections,omitempty"`
		AllowLock   []string                  `yaml:"allow_lock,omitempty,flow"`
		LeaveOut    map[string]any            `yaml:"leave_out,omitempty"`
		Attachments map[string]attachmentText `yaml:"attachments,omitempty"`
	}
	attachmentText struct {
		Column string `yaml:"column"`
		Folder string `yaml:"folder"`
	}
)

// Mission writes a config as a mission, which ParseMission reads: what
// extraction needs of it, and no place of a secret. A database's address is
// to lie beside the mission, in a file of the source's name.
func (c *Config) Mission() ([]byte, error) {
	m := missionText{Project: c.Project, Recipients: c.Recipients, SigningKey: c.SigningKey, Sources: map[string]sourceText{}}
	if c.Country != defaults().Country {
		m.Country = c.Country
	}
	for _, s := range c.Sources {
		m.Sources[string(s.ID)] = s.written()
	}
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(m); err != nil {
		return nil, fmt.Errorf("write mission: %w", err)
	}
	return b.Bytes(), nil
}

func (s *Source) written() sourceText {
	t := sourceText{
		System: s.System, Driver: s.Driver, Path: s.Path, Encoding: s.Encoding, Files: s.Files, Tables: s.Tables,
		Window: s.Window.String(), MaxRate: s.MaxRate, Connections: s.Connections, AllowLock: s.AllowLock,
	}
	if s.Driver.Database() {
		t.DSNFile = string(s.ID) + ".dsn"
	}
	if s.Separator != 0 {
		t.Separator = string(s.Separator)
	}
	if s.Escaped {
		t.Escape = "backslash"
	}
	switch {
	case s.Unquoted:
		t.Quote = "none"
	case s.Quote != 0:
		t.Quote = string(s.Quote)
	}
	for name, out := range s.LeaveOut {
		if t.LeaveOut == nil {
			t.LeaveOut = map[string]any{}
		}
		t.LeaveOut[name] = out.Columns
		if out.All {
			t.LeaveOut[name] = "*"
		}
	}
	for name, a := range s.Attachments {
		if t.Attachments == nil {
			t.Attachments = map[string]attachmentText{}
		}
		t.Attachments[name] = attachmentText(a)
	}
	return t
}

// Written returns the source as it stands below sources: in a config.
func (s *Source) Written() ([]byte, error) {
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(map[string]sourceText{string(s.ID): s.written()}); err != nil {
		return nil, fmt.Errorf("write source: %w", err)
	}
	return b.Bytes(), nil
}
