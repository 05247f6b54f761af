package mysql

import "context"

// FirstRows is how many rows the first statement asks for.
const FirstRows = firstRows

// ByKey tells whether a table is read by its key, and the statement that goes
// on behind one.
func (s *Source) ByKey(ctx context.Context, name string, key ...string) (bool, string) {
	tables, err := s.plan(ctx)
	if err != nil {
		return false, err.Error()
	}
	for _, t := range tables {
		if t.name == name && t.order != nil {
			selection, _ := t.selection("")
			return true, t.after(selection, key, 10)
		}
	}
	return false, ""
}

// Connection is the number by which the server knows the source.
func (s *Source) Connection(ctx context.Context) (id int64, err error) {
	return s.view.number(ctx, "SELECT CONNECTION_ID()")
}
