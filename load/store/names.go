package store

// NamesQuery is the query that finds a name by its key, whichever script and
// spelling it is written in, and its arguments: names whose key is equal, or
// goes on with another word. It yields person_id, full_text, name_use, sex,
// birth_date, source_system and local_id, of people who are, and of rows that
// have not vanished. The index person_name_by_name_key answers it.
func NamesQuery(key string) (sql string, args []any) {
	// The exclamation mark is the character after the blank.
	return `SELECT n.person_id, n.full_text, n.name_use, p.sex, p.birth_date, s.source_system, s.local_id
FROM person_name n
JOIN person p ON p.id = n.person_id
JOIN source_person s ON s.id = n.source_person_id
LEFT JOIN source_record g ON g.id = n.id AND g.state = 'gone'
WHERE (n.name_key = ? OR n.name_key >= ? AND n.name_key < ?) AND p.active = ? AND g.id IS NULL`, []any{key, key + " ", key + "!", true}
}
