// Package models holds the match models that come with the program.
package models

import "embed"

// FS holds the model files, each named after its model.
//
//go:embed *.yaml
var FS embed.FS

// MaPatient is the name of the model for patients in Morocco.
const MaPatient = "ma-patient.yaml"
