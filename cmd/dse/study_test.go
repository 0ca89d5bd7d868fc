package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"dse/qat/dataset"
)

// program builds dse once for the tests that need a process of its own.
func program(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("trains networks; left out by -short")
	}
	if runtime.GOOS == "windows" {
		t.Skip("sends signals")
	}
	path := filepath.Join(t.TempDir(), "dse")
	if out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		t.Fatalf("building dse: %v\n%s", err, out)
	}
	return path
}

// smallData writes a data set of 2,400 training and 400 test images of Fashion-MNIST.
func smallData(t *testing.T) string {
	t.Helper()
	set, err := dataset.Open(dataset.FashionMNIST)
	if err != nil {
		t.Fatal(err)
	}
	train, err := set.Train()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, span := range map[string][2]int{"train": {0, 2400}, "t10k": {2400, 2800}} {
		var images, labels []byte
		for i := span[0]; i < span[1]; i++ {
			images = append(images, train.Pixels(i)...)
			labels = append(labels, byte(train.Label(i)))
		}
		idxFiles(t, dir, name, images, labels)
	}
	return dir
}

// smallRun is a study of a few seconds.
func smallRun(data string, more ...string) []string {
	return append([]string{"run", "--data", data, "--evaluations", "3", "--float-epochs", "2", "--epochs", "1", "--study", "study"}, more...)
}

// finish runs a command to its end in dir and returns its results.json.
func finish(t *testing.T, dse, dir string, args []string) []byte {
	t.Helper()
	c := exec.Command(dse, args...)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
	b, err := os.ReadFile(filepath.Join(dir, "study", "results.json"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// stopAt starts a command and sends it a signal when the n-th line of its log holds text. It
// returns the exit code, what it printed, and how long it took from the signal to its end.
func stopAt(t *testing.T, dse, dir string, args []string, text string, n int, sig syscall.Signal) (int, string, time.Duration) {
	t.Helper()
	c := exec.Command(dse, args...)
	c.Dir = dir
	var stdout bytes.Buffer
	c.Stdout = &stdout
	stderr, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var at time.Time
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		if strings.Contains(lines.Text(), text) {
			if n--; n == 0 {
				at = time.Now()
				if err := c.Process.Signal(sig); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	io.Copy(io.Discard, stderr)
	c.Wait()
	if at.IsZero() {
		t.Fatalf("the log never said %q often enough", text)
	}
	return c.ProcessState.ExitCode(), stdout.String(), time.Since(at)
}

// A study killed twice and resumed with another number of workers ends with the bytes of one that
// was left alone, and is not continued under other settings.
func TestKilledStudyResumes(t *testing.T) {
	dse, data := program(t), smallData(t)
	whole, parts := t.TempDir(), t.TempDir()
	want := finish(t, dse, whole, smallRun(data, "--workers", "2"))

	stopAt(t, dse, parts, smallRun(data, "--workers", "1"), "trial done", 1, syscall.SIGKILL)
	stopAt(t, dse, parts, smallRun(data, "--workers", "2"), "trial running", 3, syscall.SIGKILL)
	got := finish(t, dse, parts, smallRun(data, "--workers", "1"))
	if !bytes.Equal(got, want) {
		t.Errorf("resumed study ends with\n%s\nuninterrupted with\n%s", got, want)
	}

	var r struct {
		Front, Baselines, Trials []json.RawMessage
		Complete                 bool
	}
	if err := json.Unmarshal(want, &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Baselines) != 4 || len(r.Trials) != 7 || len(r.Front) < 1 || !r.Complete {
		t.Errorf("%d baselines, %d trials, %d on the front, complete %v; want 4, 7, at least 1, true",
			len(r.Baselines), len(r.Trials), len(r.Front), r.Complete)
	}

	before, err := os.ReadFile(filepath.Join(whole, "study", "study.db"))
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(dse, smallRun(data, "--seed", "2", "--epochs", "2")...)
	c.Dir = whole
	out, _ := c.CombinedOutput()
	if c.ProcessState.ExitCode() != exitUsage {
		t.Errorf("other settings: exit code %d, want %d", c.ProcessState.ExitCode(), exitUsage)
	}
	for _, w := range []string{"seed", "epochs", "--study"} {
		if !strings.Contains(string(out), w) {
			t.Errorf("other settings: message lacks %q:\n%s", w, out)
		}
	}
	after, err := os.ReadFile(filepath.Join(whole, "study", "study.db"))
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("a refused run touched the study (%v)", err)
	}
}

// Ctrl-C ends a run within five seconds with the table so far; the same command then goes on.
func TestInterrupt(t *testing.T) {
	dse, data, dir := program(t), smallData(t), t.TempDir()
	code, stdout, took := stopAt(t, dse, dir, smallRun(data), "trial done", 3, syscall.SIGINT)
	if code != exitInterrupted {
		t.Errorf("exit code %d, want %d", code, exitInterrupted)
	}
	if took > 5*time.Second {
		t.Errorf("it took %v to stop, want at most 5 s", took)
	}
	if !strings.Contains(stdout, "float") || !strings.Contains(stdout, "held-out") {
		t.Errorf("no table so far:\n%s", stdout)
	}
	if _, err := os.Stat(filepath.Join(dir, "study", "results.json")); err == nil {
		t.Error("results of an unfinished study were saved")
	}
	finish(t, dse, dir, smallRun(data))
}

// A study on a full disk fails with one clear error, keeps what it had, and goes on when there is
// room again.
func TestFullDisk(t *testing.T) {
	dse, data, dir := program(t), smallData(t), t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=700k"); err != nil {
		t.Skipf("cannot mount a small disk: %v", err)
	}
	defer syscall.Unmount(dir, 0)
	c := exec.Command(dse, smallRun(data)...)
	c.Dir = dir
	out, _ := c.CombinedOutput()
	if code := c.ProcessState.ExitCode(); code != exitUsage {
		t.Fatalf("exit code %d, want %d:\n%s", code, exitUsage, out)
	}
	last := strings.TrimSpace(string(out))
	last = last[strings.LastIndex(last, "\n")+1:]
	if !strings.Contains(last, "no space") && !strings.Contains(last, "disk full") {
		t.Errorf("message %q does not say that the disk is full", last)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=64m"); err != nil {
		t.Fatal(err)
	}
	finish(t, dse, dir, smallRun(data))
}
