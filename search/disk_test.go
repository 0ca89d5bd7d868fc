package search

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"dse/search/study"
)

// smallDisk names a folder on an empty file system of a few MiB, such as a tmpfs.
const smallDisk = "DSE_TEST_SMALL_DISK"

// TestFullDisk lets the disk run full in the middle of a search, makes room and resumes.
func TestFullDisk(t *testing.T) {
	disk := os.Getenv(smallDisk)
	if disk == "" {
		t.Skipf("set %s to a folder on a tiny file system to run this test", smallDisk)
	}
	_, want := mustRun(t, t.TempDir(), sampleSettings(), synthetic{})

	dir := filepath.Join(disk, "study")
	filler := filepath.Join(disk, "filler")
	s := sampleSettings()
	s.Workers = 2
	s.Observer = ObserverFunc(func(e Event) {
		if e.Kind == TrialFinished && e.Trial.ID == 3 {
			fill(t, filler)
		}
	})
	state, _, err := run(t, t.Context(), dir, s, synthetic{})
	if !errors.Is(err, study.ErrDiskFull) {
		t.Fatalf("error %v, want %v", err, study.ErrDiskFull)
	}
	t.Logf("after %d trials: %v", len(state.Results), err)
	if n := len(state.Results); n < 4 || n == sampleTrials {
		t.Errorf("%d trials ended", n)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	if _, digest := mustRun(t, dir, sampleSettings(), synthetic{}); digest != want {
		t.Errorf("digest %s, want %s", digest, want)
	}
}

// fill writes until the disk is full.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 512); err == nil; {
		_, err = f.Write(block)
	}
}
