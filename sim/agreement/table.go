package agreement

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
)

// Table is a CSV file whose first line names the columns.
type Table struct {
	name    string
	columns map[string]int
	lines   [][]string
	bad     error
}

// ReadFile reads the table of a file.
func ReadFile(data fs.FS, name string) (*Table, error) {
	f, err := data.Open(name)
	if err != nil {
		return nil, fmt.Errorf("reference data: %w", err)
	}
	defer f.Close()
	return Read(f, name)
}

// Read reads a table. The name is used in errors.
func Read(r io.Reader, name string) (*Table, error) {
	lines, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("%s: the file is empty; its first line must name the columns", name)
	}
	t := &Table{name: name, columns: map[string]int{}, lines: lines[1:]}
	for i, column := range lines[0] {
		t.columns[column] = i
	}
	return t, nil
}

// Records calls f for each line, and returns the first error of f or of the access to a field.
func (t *Table) Records(f func(r Record) error) error {
	for i := range t.lines {
		if err := errors.Join(f(Record{t, i}), t.bad); err != nil {
			return err
		}
	}
	return nil
}

// Record is a line of a table.
type Record struct {
	table *Table
	line  int
}

// Errorf returns an error that names the place.
func (r Record) Errorf(format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", r.table.name, r.line+2, fmt.Sprintf(format, args...))
}

func (r Record) fail(format string, args ...any) {
	if r.table.bad == nil {
		r.table.bad = r.Errorf(format, args...)
	}
}

// Text returns a field. A column that does not exist ends the table's Records with an error.
func (r Record) Text(column string) string {
	i, ok := r.table.columns[column]
	if !ok {
		r.fail("there is no column %s", column)
		return ""
	}
	return r.table.lines[r.line][i]
}

// Int returns a field that must be a whole number.
func (r Record) Int(column string) int {
	v, err := strconv.Atoi(r.Text(column))
	if err != nil {
		r.fail("%s must be a whole number, got %q", column, r.Text(column))
	}
	return v
}

// Float returns a field that must be a number; an empty one is 0.
func (r Record) Float(column string) float64 {
	text := r.Text(column)
	if text == "" {
		return 0
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		r.fail("%s must be a number, got %q", column, text)
	}
	return v
}
