// Package study keeps a search in one SQLite file, study.db in a folder of its own, so that a run
// killed at any moment can go on.
//
// The file holds the settings that the outcomes depend on and one row per trial. Each change of a
// trial is one transaction, on disk when the call returns (write-ahead log, synchronous=FULL).
// The file comes into being by a rename, complete or not at all. One process at a time may write,
// guarded by a lock of the operating system on study.lock, which cannot outlive its process;
// others may read meanwhile.
//
// The package knows nothing of what is searched: designs and outcomes are text to it.
package study

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

const (
	fileName = "study.db"
	// schemaVersion rises with every change of the tables that older programs cannot read.
	schemaVersion = 1
)

// The keys of table meta.
const (
	metaSchema      = "schema_version"
	metaSettings    = "settings"
	metaAccelerator = "accelerator"
	metaSeed        = "seed"
	metaSpent       = "spent_seconds"
)

const schema = `
CREATE TABLE meta (
	key   TEXT PRIMARY KEY,
	value TEXT NOT NULL
) STRICT;
CREATE TABLE trials (
	id         INTEGER PRIMARY KEY,
	kind       TEXT NOT NULL,
	genome     TEXT NOT NULL,
	key        TEXT NOT NULL,
	status     TEXT NOT NULL CHECK (status IN ('pending', 'finished', 'failed')),
	seed       TEXT NOT NULL, -- decimal: SQLite's integers end at 2^63-1
	outcome    TEXT NOT NULL, -- JSON, empty while pending
	reason     TEXT NOT NULL, -- empty unless failed
	started_at TEXT,          -- RFC 3339, UTC
	seconds    REAL           -- wall time of the evaluation
) STRICT;`

// Study is an open study. Its methods may be called from one goroutine at a time.
type Study struct {
	path     string
	db       *sql.DB
	lock     io.Closer // nil if read-only
	settings canonical
}

// Exists reports whether the folder holds a study.
func Exists(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, fileName))
	return err == nil
}

// Create makes the folder if need be and starts a study in it. It fails if one is there already.
func Create(dir string, s Settings) (*Study, error) {
	return open(dir, s, access{create: true})
}

// Open continues the study in a folder. It fails, and leaves the study as it is, if there is none,
// if its settings differ, if another process has it open for writing, if it was written by a newer
// program or if it is damaged.
func Open(dir string, s Settings) (*Study, error) {
	return open(dir, s, access{exist: true})
}

// OpenOrCreate continues the study in a folder, or starts one there if it has none.
func OpenOrCreate(dir string, s Settings) (*Study, error) {
	return open(dir, s, access{create: true, exist: true})
}

// Extend continues the study in a folder under settings that differ in the program's keys named budgets,
// dotted where nested, which do no more than end the study. From then on it has these settings.
func Extend(dir string, s Settings, budgets ...string) (*Study, error) {
	return open(dir, s, access{exist: true, budgets: budgets})
}

// access says which state of a folder is acceptable.
type access struct {
	create, exist bool     // a new study, one that is there
	budgets       []string // keys in which the settings may differ
}

func open(dir string, s Settings, a access) (_ *Study, err error) {
	path := filepath.Join(dir, fileName)
	asked, err := s.canonical()
	if err != nil {
		return nil, inputErrorf("study %s: %w", path, err)
	}
	if a.create {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, folderError(path, err)
		}
	} else if !Exists(dir) {
		return nil, noStudy(path)
	}
	lock, err := acquireLock(filepath.Join(dir, lockName))
	if errors.Is(err, errLocked) {
		return nil, inputErrorf("study %s is being run by another process; wait for it, stop it, or choose another --study folder", path)
	}
	if err != nil {
		return nil, folderError(path, err)
	}
	defer func() {
		if err != nil {
			lock.Close()
		}
	}()

	switch _, err := os.Stat(path); {
	case err == nil && !a.exist:
		return nil, inputErrorf("study %s exists already; continue it or choose another --study folder", path)
	case err == nil:
		if err := inspect(path, asked, a.budgets); err != nil {
			return nil, err
		}
	case errors.Is(err, fs.ErrNotExist) && !a.create:
		return nil, noStudy(path)
	case errors.Is(err, fs.ErrNotExist):
		if err := createFile(path, asked); err != nil {
			return nil, err
		}
	default:
		return nil, folderError(path, err)
	}
	db, err := openDB(path, "mode=rw")
	if err != nil {
		return nil, explain(path, "open it", err)
	}
	st := &Study{path: path, db: db, lock: lock, settings: asked}
	if len(a.budgets) > 0 {
		if err := st.setProgram(); err != nil {
			db.Close()
			return nil, err
		}
	}
	return st, nil
}

// setProgram records the program's settings anew.
func (s *Study) setProgram() error {
	err := s.transact(func(tx *sql.Tx) error {
		_, err := tx.Exec(`UPDATE meta SET value = ? WHERE key = ?`, s.settings.program, metaSettings)
		return err
	})
	return s.explain("record its settings", err)
}

// Load opens the study in a folder for reading only, also while a search is writing it.
func Load(dir string) (*Study, error) {
	path := filepath.Join(dir, fileName)
	if !Exists(dir) {
		return nil, noStudy(path)
	}
	db, settings, err := openChecked(path)
	if err != nil {
		return nil, err
	}
	return &Study{path: path, db: db, settings: settings}, nil
}

// Close ends the use of the study. The file is complete without it.
func (s *Study) Close() error {
	err := s.explain("close it", s.db.Close())
	if s.lock != nil {
		err = errors.Join(err, s.lock.Close())
	}
	return err
}

// Path returns the path of the study's file.
func (s *Study) Path() string { return s.path }

// Seed returns the study's seed.
func (s *Study) Seed() uint64 { return s.settings.seed }

// Accelerator returns the text of the accelerator's YAML file.
func (s *Study) Accelerator() string { return s.settings.accelerator }

// Program returns the program's settings as canonical JSON.
func (s *Study) Program() []byte { return []byte(s.settings.program) }

// Spent returns the wall time that all sessions have used, as far as it was recorded.
func (s *Study) Spent() (time.Duration, error) {
	text, err := metaValue(s.db, metaSpent)
	if err != nil {
		return 0, s.explain("read the time spent", err)
	}
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, damaged(s.path, fmt.Sprintf("%s is %q", metaSpent, text))
	}
	return time.Duration(seconds * float64(time.Second)), nil
}

// SetSpent records the wall time that all sessions have used.
func (s *Study) SetSpent(d time.Duration) error {
	err := s.transact(func(tx *sql.Tx) error { return setSpent(tx, d) })
	return s.explain("record the time spent", err)
}

func setSpent(tx *sql.Tx, d time.Duration) error {
	_, err := tx.Exec(`UPDATE meta SET value = ? WHERE key = ?`, strconv.FormatFloat(d.Seconds(), 'f', 3, 64), metaSpent)
	return err
}

func metaValue(db *sql.DB, key string) (value string, err error) {
	err = db.QueryRow(`SELECT value FROM meta WHERE key = ?`, key).Scan(&value)
	return value, err
}

// transact runs f in one transaction.
func (s *Study) transact(f func(*sql.Tx) error) error {
	if s.lock == nil {
		panic("study: write to a study opened for reading")
	}
	return transact(s.db, f)
}

func transact(db *sql.DB, f func(*sql.Tx) error) error {
	tx, err := db.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		tx.Rollback() // its own error says no more than err
		return err
	}
	return tx.Commit()
}

// openDB opens an SQLite file. One connection, so that its pragmas hold for every statement.
func openDB(path, mode string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", dsn(path, mode+"&_pragma=busy_timeout(5000)&_pragma=synchronous(FULL)&_txlock=immediate"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if err := db.Ping(); err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

// dsn returns the data source name of a file whose path may hold any character.
func dsn(path, query string) string {
	return "file:" + (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath() + "?" + query
}

func noStudy(path string) error {
	return inputErrorf("there is no study %s; check the --study folder", path)
}

// folderError explains why a folder cannot hold a study.
func folderError(path string, err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		return explain(path, "use its folder", err)
	}
	return inputErrorf("study %s: cannot use its folder: %w; make the folder writable or choose another with --study", path, err)
}
