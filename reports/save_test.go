package reports

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// folder returns the files of dir with their contents.
func folder(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	contents := make(map[string]string)
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		contents[e.Name()] = string(b)
	}
	return contents
}

func TestSave(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "study.db"), []byte("a study"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Save(dir, Results{}); err != nil {
		t.Fatal(err)
	}
	if err := Save(dir, sample()); err != nil {
		t.Fatal(err)
	}
	got := folder(t, dir)
	if got["study.db"] != "a study" {
		t.Error("another file of the folder was changed")
	}
	delete(got, "study.db")
	want := make(map[string]string)
	for _, f := range files {
		var b strings.Builder
		if err := f.Write(&b, sample()); err != nil {
			t.Fatal(err)
		}
		want[f.Name] = b.String()
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// fullDisk makes files of which the last ones find no room: at creation, at writing or at flushing.
type fullDisk struct {
	*os.File
	write, sync error
}

func (f fullDisk) Write(p []byte) (int, error) {
	if f.write != nil {
		n, _ := f.File.Write(p[:len(p)/2])
		return n, f.write
	}
	return f.File.Write(p)
}

func (f fullDisk) Sync() error { return errors.Join(f.sync, f.File.Sync()) }

func TestSaveOnFullDisk(t *testing.T) {
	old, fresh := make([][]byte, len(files)), make([][]byte, len(files))
	for i, f := range files {
		old[i], fresh[i] = []byte("old "+f.Name), []byte("new "+f.Name)
	}
	for _, stage := range []string{"create", "write", "sync"} {
		for room := range files {
			dir := t.TempDir()
			if err := replace(dir, files, old, createFile); err != nil {
				t.Fatal(err)
			}
			before := folder(t, dir)
			made := 0
			err := replace(dir, files, fresh, func(path string) (file, error) {
				f := fullDisk{}
				if made == room {
					switch stage {
					case "create":
						return nil, &fs.PathError{Op: "open", Path: path, Err: syscall.ENOSPC}
					case "write":
						f.write = &fs.PathError{Op: "write", Path: path, Err: syscall.ENOSPC}
					case "sync":
						f.sync = &fs.PathError{Op: "sync", Path: path, Err: syscall.ENOSPC}
					}
				}
				made++
				var err error
				f.File, err = os.Create(path)
				return f, err
			})
			if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "free some space") || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s of file %d: error %v", stage, room, err)
			}
			if diff := cmp.Diff(before, folder(t, dir)); diff != "" {
				t.Errorf("%s of file %d: the folder changed (-before +after):\n%s", stage, room, diff)
			}
		}
	}
}

func TestSaveErrors(t *testing.T) {
	t.Run("no folder", func(t *testing.T) {
		err := Save(filepath.Join(t.TempDir(), "absent"), sample())
		if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "create the folder") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("broken settings", func(t *testing.T) {
		dir, r := t.TempDir(), sample()
		r.Settings = []byte("{")
		if err := Save(dir, r); err == nil || len(folder(t, dir)) > 0 {
			t.Errorf("error %v, files %v", err, folder(t, dir))
		}
	})
	t.Run("folder not writable", func(t *testing.T) {
		dir := t.TempDir()
		err := replace(dir, files, make([][]byte, len(files)), func(path string) (file, error) {
			return nil, &fs.PathError{Op: "open", Path: path, Err: syscall.EACCES}
		})
		if err == nil || !strings.Contains(err.Error(), "make the folder writable") {
			t.Errorf("error %v", err)
		}
	})
}

// What a killed process left behind is no obstacle, and is gone afterwards.
func TestSaveAfterKill(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "."+JSONFile+".new"), []byte(strings.Repeat("x", 1<<20)), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Save(dir, sample()); err != nil {
		t.Fatal(err)
	}
	if got := len(folder(t, dir)); got != len(files) {
		t.Errorf("%d files, want %d", got, len(files))
	}
}
