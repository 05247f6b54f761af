package mapping_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/sihctl/sih/transform/mapping"
)

var update = flag.Bool("update", false, "rewrite docs/mapping.schema.json")

const schemaFile = "../../docs/mapping.schema.json"

func TestJSONSchema(t *testing.T) {
	got, err := mapping.JSONSchema()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(schemaFile, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != string(got) {
		t.Errorf("%s is not what the program derives; go test ./transform/mapping -update rewrites it", schemaFile)
	}
}

// TestJSONSchemaTakes holds every mapping of the repository against the schema:
// what the program reads an editor must not underline.
func TestJSONSchemaTakes(t *testing.T) {
	data, err := mapping.JSONSchema()
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	if err := json.Unmarshal(data, &schema); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../../mappings/*/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob("../../testdata/*/mappings/*/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, name := range append(files, more...) {
		if filepath.Base(filepath.Dir(name)) == "models" {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var doc any
		if err := yaml.Unmarshal(text, &doc); err != nil {
			t.Fatal(err)
		}
		if why := refuse(schema, schema, doc, "$"); why != "" {
			t.Errorf("%s: %s", name, why)
		}
		n++
	}
	if n < 100 {
		t.Errorf("%d mappings were looked at", n)
	}
	for _, bad := range []string{"{system: x, form: T}", "{system: x, to: {encounters: {}}}", "{system: x, to: {encounter: {class: {value: A, form: B}}}}", "{from: T}", "{system: x, to: {encounter: {class: {from: A, steps: [nmae]}}}}"} {
		var doc any
		if err := yaml.Unmarshal([]byte(bad), &doc); err != nil {
			t.Fatal(err)
		}
		if refuse(schema, schema, doc, "$") == "" {
			t.Errorf("%s is taken", bad)
		}
	}
}

// refuse tells why a document is not what a schema describes: as much of JSON
// Schema as ours uses.
func refuse(root, schema map[string]any, v any, at string) string {
	if ref, ok := schema["$ref"].(string); ok {
		def := root["$defs"].(map[string]any)[ref[len("#/$defs/"):]].(map[string]any)
		return refuse(root, def, v, at)
	}
	for _, all := range items(schema["allOf"]) {
		if why := refuse(root, all, v, at); why != "" {
			return why
		}
	}
	if any := items(schema["anyOf"]); len(any) > 0 {
		why := ""
		for _, one := range any {
			w := refuse(root, one, v, at)
			if w == "" {
				why = ""
				break
			}
			why += w + "; "
		}
		if why != "" {
			return why
		}
	}
	if enum, ok := schema["enum"].([]any); ok && !slices.Contains(enum, v) {
		return fmt.Sprintf("%s: %v is none of the words", at, v)
	}
	if c, ok := schema["const"]; ok && c != v {
		return fmt.Sprintf("%s: %v is not %v", at, v, c)
	}
	if why := wrongType(schema["type"], v, at); why != "" {
		return why
	}
	switch v := v.(type) {
	case map[string]any:
		properties, _ := schema["properties"].(map[string]any)
		for _, r := range texts(schema["required"]) {
			if _, ok := v[r]; !ok {
				return at + ": " + r + " is missing"
			}
		}
		for k, one := range v {
			p, known := properties[k].(map[string]any)
			extra, open := schema["additionalProperties"].(map[string]any)
			if names, ok := schema["propertyNames"].(map[string]any); ok {
				if why := refuse(root, names, k, at); why != "" {
					return why
				}
			}
			why := ""
			switch {
			case known:
				why = refuse(root, p, one, at+"."+k)
			case open:
				why = refuse(root, extra, one, at+"."+k)
			case schema["additionalProperties"] == false:
				why = at + ": " + k + " is not known"
			}
			if why != "" {
				return why
			}
		}
	case []any:
		if each, ok := schema["items"].(map[string]any); ok {
			for i, one := range v {
				if why := refuse(root, each, one, fmt.Sprintf("%s[%d]", at, i)); why != "" {
					return why
				}
			}
		}
	}
	return ""
}

func items(v any) (out []map[string]any) {
	list, _ := v.([]any)
	for _, one := range list {
		out = append(out, one.(map[string]any))
	}
	return out
}

func texts(v any) (out []string) {
	list, _ := v.([]any)
	for _, one := range list {
		out = append(out, one.(string))
	}
	return out
}

func wrongType(want any, v any, at string) string {
	kinds := texts(want)
	if s, ok := want.(string); ok {
		kinds = []string{s}
	}
	if len(kinds) == 0 {
		return ""
	}
	kind := "null"
	switch v.(type) {
	case string:
		kind = "string"
	case bool:
		kind = "boolean"
	case int, float64:
		kind = "number"
	case map[string]any:
		kind = "object"
	case []any:
		kind = "array"
	}
	if !slices.Contains(kinds, kind) {
		return fmt.Sprintf("%s: a %s stands there, not %v", at, kind, kinds)
	}
	return ""
}
