package study

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestUnsoundFiles opens what is not a sound study of this version: an InputError that says what it
// is, and not a byte of it changed.
func TestUnsoundFiles(t *testing.T) {
	dir := t.TempDir()
	createLong(t, dir)
	sound := readFile(t, dir)
	flip := func(from, to int) []byte {
		data := slices.Clone(sound)
		for i := from; i < to; i++ {
			data[i] ^= 0xff
		}
		return data
	}
	cases := []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "is not a study (no SQLite file)"},
		{"text", []byte("to do: buy milk and bread\n"), "is not a study (no SQLite file)"},
		{"shorter than a header", []byte("SQLite"), "is not a study (no SQLite file)"},
		{"header alone", sound[:len(magic)], "is damaged"},
		{"header of a page alone", sound[:100], "is damaged"},
		{"first page overwritten", flip(100, 4096), "is damaged"},
		{"second half overwritten", flip(len(sound)/2, len(sound)), "is damaged"},
		{"last page overwritten", flip(len(sound)-4096, len(sound)), "is damaged"},
		{"truncated to a page", sound[:4096], "is damaged"},
		{"truncated within a page", sound[:len(sound)-1000], "is damaged"},
		{"last page lost", sound[:len(sound)-4096], "is damaged"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, fileName)
			must(t, os.WriteFile(path, c.data, 0o644))
			for how, open := range map[string]func() (*Study, error){
				"open":           func() (*Study, error) { return Open(dir, sampleSettings()) },
				"open or create": func() (*Study, error) { return OpenOrCreate(dir, sampleSettings()) },
				"load":           func() (*Study, error) { return Load(dir) },
			} {
				st, err := open()
				if err == nil {
					st.Close()
				}
				wantInput(t, err, path, c.want, "another --study folder")
				if err != nil && strings.Count(err.Error(), "\n") > 0 {
					t.Errorf("%s: more than one line: %q", how, err)
				}
				if !slices.Equal(c.data, readFile(t, dir)) {
					t.Fatalf("%s: the file changed", how)
				}
			}
		})
	}
}

// createLong leaves a study of several pages.
func createLong(t *testing.T, dir string) {
	t.Helper()
	st := create(t, dir)
	var trials []Trial
	for i := range 200 {
		trials = append(trials, Trial{ID: i, Kind: "design", Genome: strings.Repeat(fmt.Sprint("genome", i), 20), Key: fmt.Sprint(i)})
	}
	must(t, st.Queue(trials))
	must(t, st.Close())
}

// TestForeignDatabases are sound SQLite files.
func TestForeignDatabases(t *testing.T) {
	for _, c := range []struct{ name, sql, want string }{
		{"newer schema", `UPDATE meta SET value = '2' WHERE key = 'schema_version'`, "has schema version 2, this program reads up to 1"},
		{"schema of no number", `UPDATE meta SET value = 'x' WHERE key = 'schema_version'`, "has schema version x"},
		{"no trials", `DROP TABLE trials`, "is an SQLite file but not a study"},
		{"no settings", `DELETE FROM meta WHERE key = 'settings'`, "a row of table meta is missing"},
		{"seed of no number", `UPDATE meta SET value = 'x' WHERE key = 'seed'`, `the seed is "x"`},
		{"settings of no JSON", `UPDATE meta SET value = 'x' WHERE key = 'settings'`, "its settings are no JSON object"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			st := create(t, dir)
			_, err := st.db.Exec(c.sql)
			must(t, err)
			must(t, st.Close())
			before := readFile(t, dir)
			_, err = Open(dir, sampleSettings())
			wantInput(t, err, c.want, "--study")
			if !slices.Equal(before, readFile(t, dir)) {
				t.Error("the file changed")
			}
		})
	}
}

func TestUnusableFolders(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o644))
	_, err := Create(filepath.Join(file, "study"), sampleSettings())
	wantInput(t, err, "cannot use its folder", "--study")

	if os.Geteuid() == 0 {
		t.Skip("the rest needs a user whom permissions bind")
	}
	locked := t.TempDir()
	must(t, os.Chmod(locked, 0o555))
	_, err = Create(locked, sampleSettings())
	wantInput(t, err, "cannot use its folder", "make the folder writable")
}

// TestDiskFull lets SQLite find no room, as it does on a full disk, while trials are recorded.
func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	st := create(t, dir)
	must(t, st.Queue(sampleTrials))
	var pages int
	must(t, st.db.QueryRow(`PRAGMA page_count`).Scan(&pages))
	_, err := st.db.Exec(fmt.Sprintf(`PRAGMA max_page_count = %d`, pages))
	must(t, err)

	long := Trial{ID: 1, Status: Finished, Outcome: []byte(`"` + strings.Repeat("x", 1<<16) + `"`)}
	err = st.Finish(long, 0)
	if !errors.Is(err, ErrDiskFull) {
		t.Fatalf("error %v, want %v", err, ErrDiskFull)
	}
	if input := (*InputError)(nil); errors.As(err, &input) {
		t.Errorf("%v is taken for bad input", err)
	}
	for _, part := range []string{"cannot record the outcome of trial 1", "free some space and run again"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q lacks %q", err, part)
		}
	}
	must(t, st.Close())

	// With room again the study goes on where it was.
	st, err = Open(dir, sampleSettings())
	must(t, err)
	defer st.Close()
	trials, err := st.Trials()
	must(t, err)
	if len(trials) != len(sampleTrials) || trials[1].Status != Pending {
		t.Errorf("%d trials, trial 1 is %s", len(trials), trials[1].Status)
	}
	must(t, st.Finish(long, 0))
}
