package study

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	_ "modernc.org/sqlite" // the database/sql driver
)

// magic is how every SQLite file begins.
var magic = []byte("SQLite format 3\x00")

// inspect checks that the file at path is a sound study with the settings asked for, but for those of
// budgets, without changing it.
func inspect(path string, asked canonical, budgets []string) error {
	db, stored, err := openChecked(path)
	if err != nil {
		return err
	}
	db.Close()
	if lines := differences(stored, asked, budgets); len(lines) > 0 {
		return inputErrorf("study %s was made with other settings:\n  %s\nuse the same settings to continue it, or another --study folder",
			path, strings.Join(lines, "\n  "))
	}
	return nil
}

// openChecked opens a study for reading, checks that the file is sound and of a known version, and
// returns its settings.
func openChecked(path string) (_ *sql.DB, c canonical, err error) {
	if err := checkMagic(path); err != nil {
		return nil, c, err
	}
	db, err := openDB(path, "mode=ro")
	if err != nil {
		return nil, c, explain(path, "open it", err)
	}
	defer func() {
		if err != nil {
			db.Close()
		}
	}()
	if err := quickCheck(db); err != nil {
		return nil, c, damaged(path, err.Error())
	}
	c, err = readSettings(db, path)
	return db, c, err
}

// checkMagic tells files of another kind from damaged studies.
func checkMagic(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return explain(path, "open it", err)
	}
	defer f.Close()
	head := make([]byte, len(magic))
	n, err := io.ReadFull(f, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return explain(path, "read it", err)
	}
	if n == 0 || !bytes.Equal(head, magic) {
		return inputErrorf("%s is not a study (no SQLite file); choose another --study folder", path)
	}
	return nil
}

// quickCheck returns the first finding of SQLite's own check of the file.
func quickCheck(db *sql.DB) error {
	var finding string
	if err := db.QueryRow(`PRAGMA quick_check(1)`).Scan(&finding); err != nil {
		return err
	}
	if finding != "ok" {
		return errors.New(strings.ReplaceAll(finding, "\n", " "))
	}
	return nil
}

func readSettings(db *sql.DB, path string) (c canonical, err error) {
	var tables int
	if err := db.QueryRow(`SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('meta', 'trials')`).Scan(&tables); err != nil {
		return c, explain(path, "read it", err)
	}
	if tables != 2 {
		return c, inputErrorf("%s is an SQLite file but not a study; choose another --study folder", path)
	}
	read := func(key string) (value string) {
		if err == nil {
			value, err = metaValue(db, key)
		}
		return value
	}
	version := read(metaSchema)
	if v, convErr := strconv.Atoi(version); err == nil && (convErr != nil || v > schemaVersion) {
		return c, inputErrorf("study %s has schema version %s, this program reads up to %d; use the newer dse that made it or another --study folder",
			path, version, schemaVersion)
	}
	c.program, c.accelerator = read(metaSettings), read(metaAccelerator)
	seed := read(metaSeed)
	if errors.Is(err, sql.ErrNoRows) {
		return c, damaged(path, "a row of table meta is missing")
	}
	if err != nil {
		return c, explain(path, "read its settings", err)
	}
	if text, jsonErr := canonicalJSON(json.RawMessage(c.program)); jsonErr != nil || text != c.program {
		return c, damaged(path, "its settings are no JSON object")
	}
	if c.seed, err = strconv.ParseUint(seed, 10, 64); err != nil {
		return c, damaged(path, "the seed is "+strconv.Quote(seed))
	}
	return c, nil
}

// createFile writes an empty study beside path and renames it when it is complete, so that a
// process killed on the way leaves no half study.
func createFile(path string, c canonical) (err error) {
	const doing = "create it"
	draft := path + ".new"
	removeDraft := func() error {
		for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
			if err := os.Remove(draft + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
		}
		return nil
	}
	if err := removeDraft(); err != nil { // of a process that was killed
		return explain(path, doing, err)
	}
	defer func() {
		if err != nil {
			removeDraft()
		}
	}()
	db, err := openDB(draft, "mode=rwc")
	if err != nil {
		return explain(path, doing, err)
	}
	if err = writeEmpty(db, c); err != nil {
		db.Close()
		return explain(path, doing, err)
	}
	if err = db.Close(); err != nil {
		return explain(path, doing, err)
	}
	if err = os.Rename(draft, path); err != nil {
		return explain(path, doing, err)
	}
	syncFolder(filepath.Dir(path))
	return nil
}

// syncFolder makes a rename last through a power cut. Not every system can sync a folder; what a
// failure may cost is a study without trials, so it is no reason to stop.
func syncFolder(dir string) {
	if f, err := os.Open(dir); err == nil {
		f.Sync()
		f.Close()
	}
}

func writeEmpty(db *sql.DB, c canonical) error {
	if _, err := db.Exec(`PRAGMA journal_mode = WAL`); err != nil {
		return err
	}
	return transact(db, func(tx *sql.Tx) error {
		if _, err := tx.Exec(schema); err != nil {
			return err
		}
		for _, row := range [...][2]string{
			{metaSchema, strconv.Itoa(schemaVersion)},
			{metaSettings, c.program},
			{metaAccelerator, c.accelerator},
			{metaSeed, strconv.FormatUint(c.seed, 10)},
			{metaSpent, "0"},
		} {
			if _, err := tx.Exec(`INSERT INTO meta (key, value) VALUES (?, ?)`, row[0], row[1]); err != nil {
				return err
			}
		}
		return nil
	})
}
