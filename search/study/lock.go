package study

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// lockName is the file in a study's folder that a running search holds locked. The lock belongs to
// the operating system and goes with the process, however it ends; the file stays and means
// nothing by itself.
const lockName = "study.lock"

// errLocked is returned by the lock functions when another process holds the lock.
var errLocked = errors.New("locked")

// sqliteLock locks path by an exclusive transaction of an empty SQLite database, for systems
// without flock: SQLite knows the lock calls of every system that it runs on.
func sqliteLock(path string) (io.Closer, error) {
	db, err := sql.Open("sqlite", dsn(path, "mode=rwc"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(context.Background())
	if err == nil {
		if _, err = conn.ExecContext(context.Background(), "BEGIN EXCLUSIVE"); err == nil {
			return closeBoth{conn, db}, nil
		}
		conn.Close()
	}
	db.Close()
	var se *sqlite.Error
	if errors.As(err, &se) && se.Code()&0xff == sqlite3.SQLITE_BUSY {
		return nil, errLocked
	}
	return nil, fmt.Errorf("lock %s: %w", path, err)
}

type closeBoth [2]io.Closer

func (c closeBoth) Close() error { return errors.Join(c[0].Close(), c[1].Close()) }
