package search

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"

	"dse/search/study"
)

// helperFolder, if set, makes the test binary run a search on the study there instead of the tests.
const helperFolder = "DSE_SEARCH_TEST_FOLDER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(helperFolder); dir != "" {
		if err := helper(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func killSettings() Settings {
	s := sampleSettings()
	s.Workers = 2
	return s
}

func helper(dir string) error {
	s := killSettings()
	st, err := study.OpenOrCreate(dir, studySettings(s))
	if err != nil {
		return err
	}
	slow := synthetic{delay: func(id int) time.Duration { return time.Duration(2+id%3) * time.Millisecond }}
	search, err := New(s, slow, st)
	if err != nil {
		return err
	}
	_, err = search.Run(context.Background())
	return err // the study is not closed, as in a crash
}

// TestKill kills a process that runs a search, with a signal that it cannot catch, at moments from
// its start to beyond its end, and resumes the study.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	start := func(dir string) *exec.Cmd {
		cmd := exec.Command(binary)
		cmd.Env = append(os.Environ(), helperFolder+"="+dir)
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			t.Skipf("cannot start processes: %v", err)
		}
		return cmd
	}
	wantState, want := mustRun(t, t.TempDir(), killSettings(), synthetic{})

	began := time.Now()
	whole := t.TempDir()
	if err := start(whole).Wait(); err != nil {
		t.Fatal(err)
	}
	length := time.Since(began)
	if state, digest := mustRun(t, whole, killSettings(), synthetic{}); digest != want {
		t.Fatalf("digest of the process that was left alone is %s, want %s", digest, want)
	} else {
		sameState(t, wantState, state)
	}

	rng := rand.New(rand.NewPCG(1, 2))
	midway := 0
	const kills = 20
	for k := range kills {
		moment := time.Duration((float64(k) + rng.Float64()) / kills * 1.05 * float64(length))
		dir := t.TempDir()
		cmd := start(dir)
		time.Sleep(moment)
		if err := cmd.Process.Kill(); err != nil && cmd.ProcessState == nil {
			t.Logf("kill after %v: %v", moment, err) // it had ended already
		}
		cmd.Wait() // the error is the signal's
		replayed := 0
		s := killSettings()
		s.Observer = ObserverFunc(func(e Event) {
			if e.Kind == TrialReplayed {
				replayed++
			}
		})
		state, digest := mustRun(t, dir, s, synthetic{})
		if digest != want {
			t.Errorf("killed after %v: digest %s, want %s", moment, digest, want)
		}
		sameState(t, wantState, state)
		if 0 < replayed && replayed < sampleTrials {
			midway++
		}
	}
	t.Logf("a run takes %v; %d of %d kills came between its first and its last trial", length, midway, kills)
	if midway == 0 {
		t.Error("no kill came between the first and the last trial")
	}
}
