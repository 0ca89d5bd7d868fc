// Package reports shows a study: as a table on a terminal, as JSON, CSV and Markdown, and as a chart
// of memory against accuracy. It also draws the tables of single commands, per layer and key by key.
//
// The package is given plain values and knows nothing of how they came about. Key concepts, in the
// order of their use:
//
//   - Value, a figure that may be unknown;
//   - Design and Results, what is known of a trained design and of a study (results.go);
//   - grid, a table before it is fitted to a width: columns that find no room continue in a further
//     table below, so no figure is lost on a narrow terminal (grid.go, panel.go);
//   - the writers: WriteTable, WriteJSON, WriteCSV, WriteMarkdown, WriteFrontSVG, WriteFrontPNG;
//   - Save, which writes all files of a study so that a crash or a full disk leaves the old ones.
//
// Output is a function of the arguments alone, byte for byte. The package live, below this one,
// shows a study while it runs.
package reports
