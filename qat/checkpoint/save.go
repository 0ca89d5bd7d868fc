package checkpoint

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
)

// Save replaces the file at path by f. Whatever goes wrong, path is then the old file (or none) or
// the new one, and whole. Once Save returns nil, the new one survives a loss of power.
func Save(path string, f *File) error {
	if err := Replace(path, func(w io.Writer) error { return Write(w, f) }); err != nil {
		return fmt.Errorf("save checkpoint %s: %w", path, err)
	}
	return nil
}

// Replace writes a file under a temporary name beside path, flushes it and renames it to path. It
// gives the promise of Save for a file of any kind.
func Replace(path string, write func(io.Writer) error) (err error) {
	folder := filepath.Dir(path)
	// A unique name, so that two writers of one path (a trial delivered twice) cannot mix.
	tmp, err := os.CreateTemp(folder, "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			// Best effort; the error that brought us here is the one to report.
			tmp.Close()
			os.Remove(tmp.Name())
		}
	}()
	w := bufio.NewWriterSize(tmp, 1<<16)
	if err := write(w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	// CreateTemp makes files private to the user; a checkpoint is an ordinary file.
	if err := tmp.Chmod(0o644); err != nil {
		return err
	}
	if err := tmp.Sync(); err != nil {
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	return syncFolder(folder)
}

// syncFolder makes a rename within the folder durable. Windows cannot sync folders, nor needs to.
func syncFolder(folder string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(folder)
	if err != nil {
		return err
	}
	if err := d.Sync(); err != nil {
		d.Close()
		return err
	}
	return d.Close()
}
