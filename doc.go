// Package sih is the unified model of sihctl: the tables of the unified
// hospital information system, declared once as data, and the small types
// that every stage needs. It performs no I/O.
//
// # The flow
//
// A legacy system is read once, by extract, into a snapshot. Transform turns
// the snapshot's records into entities of the unified schema, match finds
// which of them are one person, load puts them into the unified store and
// reconcile proves that nothing was lost. Data flows one way, and each stage
// reads only what the stage before has finished.
//
// # The words
//
//   - A source is one database, or one set of files, as the config names it.
//     A system is the product it comes from: hosix, enova, dedalus, bilmed,
//     essp.
//   - A record is a row of a source, in the source's language; [Raw] is one of
//     its fields as the source left it.
//   - An entity is a row of a unified table, in ours; [Value] is one of its
//     fields, typed.
//   - An issue is a fault in the data. It is a value, has a [Reason], and the
//     run goes on. An error is a fault of the program or of its surroundings,
//     and the run stops.
//   - A [Ref] says where a record stands and is safe to print: it names the
//     row and never holds a patient's value.
//   - A slot tells apart several entities of one table that come from one
//     record, such as two telephone numbers.
//   - A chunk is the unit of work: at most 65,536 records of one table. It is
//     extracted, transformed and loaded whole or not at all.
//
// # What lives where
//
// Package extract reads sources and holds the snapshot format. Package
// transform maps, repairs, and matches. Package load writes the unified store
// and the workbooks. They import this package and never each other;
// cmd/sihctl joins them.
package sih
