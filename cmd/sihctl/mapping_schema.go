package main

import (
	"github.com/sihctl/sih/transform/mapping"
	"github.com/spf13/cobra"
)

func newMappingSchemaCommand(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of mapping files, for editors",
		Long: `Schema prints the JSON Schema of mapping files. An editor that knows it completes
names and underlines what cannot stand where it does. Write it into the project
and begin each mapping with

	# yaml-language-server: $schema=../../mapping.schema.json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			data, err := mapping.JSONSchema()
			if err != nil {
				return err
			}
			return g.screen.Printf("%s", data)
		},
	}
}
