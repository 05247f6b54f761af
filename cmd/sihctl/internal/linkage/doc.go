// Package linkage joins the matcher to what it reads and writes: CSV files of
// records, files of clusters and pairs, and files that know the truth.
//
// [Read] makes a table of the matcher from files, [Write] writes its result,
// [Evaluate] holds the result against the truth. What a country knows of its
// names and numbers comes from [Cleaners], and columns that a model needs and
// a file lacks are made of the others where that can be done.
package linkage
