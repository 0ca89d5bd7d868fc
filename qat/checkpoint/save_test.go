package checkpoint

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSaveAndLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "best.safetensors")
	for round := range 2 { // into an empty folder, then over the old file
		f := example()
		f.Meta["round"] = fmt.Sprint(round)
		if err := Save(path, f); err != nil {
			t.Fatal(err)
		}
		got, err := Load(path)
		if err != nil {
			t.Fatal(err)
		}
		if got.Meta["round"] != f.Meta["round"] {
			t.Errorf("round %d reads as %q", round, got.Meta["round"])
		}
	}
	onlyFile(t, path)
}

// onlyFile checks that nothing but path is left in its folder.
func onlyFile(t *testing.T, path string) {
	t.Helper()
	list, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		if e.Name() != filepath.Base(path) {
			t.Errorf("%s was left behind", e.Name())
		}
	}
}

// When writing fails half way, as on a full disk, the old file stays as it was.
func TestFailedSaveLeavesTheOldFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "last.safetensors")
	if err := Save(path, example()); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	full := errors.New("no space left on device")
	if err := Replace(path, func(w io.Writer) error {
		if _, err := w.Write(make([]byte, 1<<20)); err != nil {
			return err
		}
		return full
	}); !errors.Is(err, full) {
		t.Errorf("error %v", err)
	}
	bad := &File{Tensors: []Tensor{{Name: "a", DType: "F31"}}}
	if err := Save(path, bad); err == nil || err.Error() != "save checkpoint "+path+`: tensor "a" has the unknown type "F31"` {
		t.Errorf("error %v", err)
	}
	after, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, after) {
		t.Error("the old file changed")
	}
	onlyFile(t, path)
}

func TestSaveErrors(t *testing.T) {
	dir := t.TempDir()
	if err := Save(filepath.Join(dir, "missing", "x.safetensors"), example()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
	target := filepath.Join(dir, "folder")
	if err := os.MkdirAll(filepath.Join(target, "full"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Save(target, example()); err == nil {
		t.Error("a folder was replaced by a file")
	}
	onlyFile(t, target)
}

func TestLoadErrors(t *testing.T) {
	dir := t.TempDir()
	missing := filepath.Join(dir, "missing")
	if _, err := Load(missing); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), missing) || errors.Is(err, ErrDamaged) {
		t.Errorf("missing file: %v", err)
	}
	if _, err := Load(dir); err == nil || err.Error() != "checkpoint "+dir+": not a regular file" {
		t.Errorf("folder: %v", err)
	}
	short := filepath.Join(dir, "short")
	if err := os.WriteFile(short, []byte("abc"), 0o600); err != nil {
		t.Fatal(err)
	}
	want := "checkpoint " + short + ": truncated: 3 bytes, a header length takes 8 " +
		"(the file is damaged or not a safetensors file; remove it, or bring back a copy)"
	if _, err := Load(short); err == nil || err.Error() != want {
		t.Errorf("short file: %v", err)
	}
}

func BenchmarkSaveLoad(b *testing.B) {
	f := &File{Tensors: []Tensor{FromFloat32s("w", make([]float32, 1<<20))}}
	path := filepath.Join(b.TempDir(), "bench.safetensors")
	b.SetBytes(4 << 20)
	for b.Loop() {
		if err := Save(path, f); err != nil {
			b.Fatal(err)
		}
		if _, err := Load(path); err != nil {
			b.Fatal(err)
		}
	}
}
