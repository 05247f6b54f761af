// Package match finds which records are of one person. It knows no country:
// what the columns mean, how they are compared, what each agreement is worth
// and which facts keep records apart is said by a [Model], a file.
//
// Load a model, make a [Table] with the cleaners that the model names, add
// every record, and run:
//
//	m, err := match.LoadModel(file)
//	t, err := match.NewTable(m, cleaners)
//	err = t.Add(id, values) // for each record, in any order
//	res, err := t.Run(ctx, match.Options{})
//
// # The words
//
//   - A column is what the caller gives; a field is what the engine keeps of
//     one or several columns, as one integer per record.
//   - A comparison looks at a field of two records and finds a level, such as
//     same, near or differ. Level 0 is always missing and weighs nothing.
//   - The weight of a pair is the sum over its levels of log2(m/u), in bits:
//     m is how often the level occurs between two records of one person, u
//     how often between two people (Fellegi and Sunter, 1969).
//   - A pass groups records into blocks by a key; only records of one block
//     are compared. A pair belongs to the first pass that finds it.
//   - A rule is a named condition over the levels that decides in spite of
//     the weight.
//
// # What is promised
//
// The result depends on the records and the model only: neither on the order
// in which records were added nor on the number of workers. Records are
// ranked by their id, and every tie goes by rank. No value of a record leaves
// the package: evidence is told in words.
package match
