package store

import (
	"fmt"
	"slices"

	"github.com/sihctl/sih"
)

// Version is one version of the schema: what it has more than the one before.
// Nothing is ever taken away or made narrower, so that a store of any version
// becomes one of the next without a row being written.
type Version struct {
	// Doc says what is new, in a sentence; at most 200 characters.
	Doc string
	// Tables are the new ones.
	Tables []string
	// Columns are new in tables that were there, by table. They may be NULL.
	Columns map[string][]string
	// Indexes are new over columns that were there, by table, as the table
	// declares them.
	Indexes map[string][][]string
	// Views says that a view is new, or asks something else; Comments that
	// tables and columns have got the words about them, where the engine has
	// them apart.
	Views, Comments bool
}

// History lists the versions, the first of which, number 1, has all that no
// later one names. Whoever changes the schema adds a version here; a test
// holds the ones before to what they were.
var History = []Version{
	{Doc: "The first."},
	{Doc: "The log of versions, the views for applications, and words about every table.", Tables: []string{versionTable.Name}, Views: true, Comments: true},
	{Doc: "What a record that is left out would have brought in money.", Columns: map[string][]string{"source_record": {"amount"}}},
}

// Latest is the number of the version that this program makes and reads.
func Latest() int { return len(History) }

// addedLater tells whether a column has come with a version after the first.
func addedLater(table, column string) bool {
	return slices.ContainsFunc(History, func(v Version) bool { return slices.Contains(v.Columns[table], column) })
}

// versionTable is the store's log of its versions. It is the store's own: no
// run writes to it, and nothing of it is compared.
var versionTable = &sih.Table{
	Name: "schema_version", Group: sih.Ledger, Key: []string{"version"},
	Doc: "The versions that the store's schema has had, the highest now.",
	Columns: []sih.Column{
		{Name: "version", Kind: sih.KindInt, NotNull: true, Doc: "Its number."},
		{Name: "applied_at", Kind: sih.KindTS, NotNull: true, Doc: "When the store was made with it, or brought to it."},
		{Name: "what", Kind: sih.KindStr, Size: 200, NotNull: true, Doc: "What it brought."},
	},
}

// Schema is what a store of one version consists of.
type Schema struct {
	Version int
	Tables  []*sih.Table
	views   []*View
	worded  bool // tables and columns have their comments apart
}

// SchemaAt returns the schema as it was at a version, from 1 on.
func SchemaAt(version int) Schema {
	later := History[version:]
	s := Schema{Version: version}
	for _, t := range append(slices.Clone(sih.Tables), versionTable) {
		if slices.ContainsFunc(later, func(v Version) bool { return slices.Contains(v.Tables, t.Name) }) {
			continue
		}
		then := *t
		then.Columns = slices.DeleteFunc(slices.Clone(t.Columns), func(c sih.Column) bool {
			return slices.ContainsFunc(later, func(v Version) bool { return slices.Contains(v.Columns[t.Name], c.Name) })
		})
		then.Index = slices.DeleteFunc(slices.Clone(t.Index), func(columns []string) bool {
			return slices.ContainsFunc(later, func(v Version) bool { return v.indexes(t.Name, columns) })
		})
		s.Tables = append(s.Tables, &then)
	}
	if slices.ContainsFunc(History[:version], func(v Version) bool { return v.Views }) {
		s.views = views
	}
	s.worded = slices.ContainsFunc(History[:version], func(v Version) bool { return v.Comments })
	return s
}

// indexes tells whether a table's index is new: it is named, or over a column
// that is.
func (v *Version) indexes(table string, columns []string) bool {
	return slices.ContainsFunc(v.Indexes[table], func(named []string) bool { return slices.Equal(named, columns) }) ||
		slices.ContainsFunc(columns, func(c string) bool { return slices.Contains(v.Columns[table], c) })
}

// Upgrade is a way from one version of the schema to the next.
type Upgrade struct {
	Version    int
	Statements []string
}

// Upgrades returns the ways that lead from a version to the latest, in order.
// Their statements can be run in the order that they have; references that are
// declared apart are left to Finish, which declares what is missing.
func Upgrades(d *Dialect, from int) (list []Upgrade) {
	for n := from + 1; n <= Latest(); n++ {
		v, u := &History[n-1], Upgrade{Version: n}
		for _, t := range SchemaAt(n).Tables {
			if v.Comments && !slices.Contains(v.Tables, t.Name) {
				u.Statements = append(u.Statements, commentDDL(d, t)...)
			}
			if slices.Contains(v.Tables, t.Name) {
				u.Statements = append(u.Statements, createTable(d, t))
				u.Statements = append(u.Statements, commentDDL(d, t)...)
				u.Statements = append(u.Statements, indexDDL(t, nil)...)
				continue
			}
			for _, p := range t.Physical() {
				c := &t.Columns[p.Column]
				if slices.Contains(v.Columns[t.Name], c.Name) {
					u.Statements = append(u.Statements, "ALTER TABLE "+t.Name+" "+d.AddColumn+" "+declaration(d, c, p))
					if p.Name == c.Name && d.Comments == Apart && c.Doc != "" && !v.Comments {
						u.Statements = append(u.Statements, d.CommentHead+d.comment(t.Name, c.Name, c.Doc))
					}
				}
			}
			u.Statements = append(u.Statements, indexDDL(t, func(columns []string) bool { return v.indexes(t.Name, columns) })...)
		}
		if n == Latest() { // what they ask is kept of one version alone
			u.Statements = append(u.Statements, dropViews(SchemaAt(n))...)
			u.Statements = append(u.Statements, SchemaAt(n).ViewDDL(d)...)
		}
		list = append(list, u)
	}
	return list
}

// dropViews are the statements that drop the views.
func dropViews(s Schema) (list []string) {
	for _, v := range s.views {
		list = append(list, "DROP VIEW IF EXISTS "+v.Name)
	}
	return list
}

// Log is the statement that notes in the store's log that it has come to a
// version.
func Log(d *Dialect, version int, now sih.Timestamp) string {
	return fmt.Sprintf("INSERT INTO %s (version, applied_at, what) VALUES (%d, '%s', %s)",
		versionTable.Name, version, now.Time().UTC().Format(d.Moment), quote(History[version-1].Doc))
}

// Mark is the number by which a store of a version is known: its version, but
// for the first, which had the fingerprint of its schema.
func Mark(d *Dialect, version int) int32 {
	if version == 1 {
		return SchemaAt(1).Fingerprint(d)
	}
	return int32(version)
}

// Recognise returns the version of the store that bears a mark. A store that
// is newer than this program, or of none of its versions, is refused; an older
// one is where it is only to be read. What it refuses is a [Refusal].
func Recognise(d *Dialect, mark int32, readOnly bool) (version int, err error) {
	switch {
	case mark == Mark(d, 1):
		version = 1
	case 1 < mark && mark < 1<<16:
		version = int(mark)
	default:
		return 0, Refuse(ErrSchema, "Load into a new store; the version of sihctl that made this one reads it.", fmt.Errorf("its schema, %08x, is none that this program knows", uint32(mark)))
	}
	switch {
	case version > Latest():
		return 0, Refuse(ErrSchema, "Use the version of sihctl that brought it there, or a newer one.", fmt.Errorf("its schema has version %d, and this program knows %d", version, Latest()))
	case version < Latest() && readOnly:
		return 0, Refuse(ErrSchema, "Bring it to the present version by sihctl schema upgrade, which keeps all rows.", fmt.Errorf("its schema has version %d, and this program reads %d", version, Latest()))
	}
	return version, nil
}

// TableNames names the tables of the schema, the store's log among them.
func (s Schema) TableNames() []string {
	list := make([]string, len(s.Tables))
	for i, t := range s.Tables {
		list[i] = t.Name
	}
	return list
}

// ViewNames names its views.
func (s Schema) ViewNames() []string {
	list := make([]string, len(s.views))
	for i, v := range s.views {
		list[i] = v.Name
	}
	return list
}
