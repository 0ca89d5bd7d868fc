package study

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// InputError marks an error that the user can put right by asking for something else: other
// settings, another folder, another file. All other errors are failures at run time.
type InputError struct {
	Err error
}

// Error returns the text of the error within.
func (e *InputError) Error() string { return e.Err.Error() }

// Unwrap returns the error within.
func (e *InputError) Unwrap() error { return e.Err }

func inputErrorf(format string, args ...any) error {
	return &InputError{Err: fmt.Errorf(format, args...)}
}

// ErrDiskFull is wrapped by errors of writes that found no room.
var ErrDiskFull = errors.New("disk full")

// explain turns what SQLite and the operating system say about a study's file into one sentence
// with a way out. doing says what was attempted, such as "record trial 4".
// A nil err stays nil.
func explain(path, doing string, err error) error {
	if err == nil {
		return nil
	}
	var se *sqlite.Error
	code := 0
	if errors.As(err, &se) {
		code = se.Code() & 0xff // the primary code; the upper bits refine it
	}
	switch {
	case code == sqlite3.SQLITE_FULL || errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("study %s: cannot %s: %w; all that was recorded before is safe: free some space and run again to go on",
			path, doing, ErrDiskFull)
	case code == sqlite3.SQLITE_CORRUPT || code == sqlite3.SQLITE_NOTADB:
		return damaged(path, err.Error())
	case code == sqlite3.SQLITE_READONLY || code == sqlite3.SQLITE_PERM || code == sqlite3.SQLITE_CANTOPEN ||
		errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS):
		return inputErrorf("study %s: cannot %s: %w; make the folder writable or choose another with --study", path, doing, err)
	}
	return fmt.Errorf("study %s: cannot %s: %w", path, doing, err)
}

func (s *Study) explain(doing string, err error) error { return explain(s.path, doing, err) }

func damaged(path, finding string) error {
	return inputErrorf("study %s is damaged (%s); restore it from a copy or start again with another --study folder", path, finding)
}
