// Package page shows a study as one HTML page: the front in any two of four quantities, what the search
// gained over its cost, the genomes, and for each design of the front why it costs what it costs.
//
// The page stands alone. Style, script and data are inside it, its policy forbids it to load anything, and
// nothing in it depends on when or where it was made. Key concepts, in the order of their use:
//
//   - Study, what is known of a study: reports.Results and what the charts need beyond them (study.go);
//   - Anatomy, one design layer by layer on its chip, computed by package anatomy (study.go);
//   - document, the data inside the page: columns and rows, so that 2,000 trials stay small (document.go);
//   - course, the hypervolume after each trial (course.go);
//   - Write, which puts data, tables, style and script together (page.go).
//
// The tables of the page are those of package reports, cell by cell. The charts are drawn in the browser, from
// the page's data, by the script in assets: chart.js knows scales, axes and marks, the other files one chart each.
package page
