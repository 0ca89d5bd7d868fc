package live

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"
)

// quick is a rate of drawing that keeps tests short.
const quick = 2 * time.Millisecond

// waitFor waits until the screen shows all of want.
func waitFor(t *testing.T, s *screen, want ...string) {
	t.Helper()
	deadline := time.Now().Add(5 * time.Second)
	for {
		text, missing := s.text(), ""
		for _, w := range want {
			if !strings.Contains(text, w) {
				missing = w
			}
		}
		if missing == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("screen lacks %q:\n%s", missing, text)
		}
		time.Sleep(quick)
	}
}

// stopped is a clock that stands still until it is set.
type stopped struct {
	mu sync.Mutex
	at time.Time
}

func (c *stopped) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *stopped) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func TestTerminal(t *testing.T) {
	s, clock := &screen{}, &stopped{at: time.Unix(1e9, 0)}
	d := newTerminal(s, func() int { return 73 }, clock.now, quick)
	d.Start(Info{Accelerator: "edge-npu", AcceleratorStatus: "estimated", Network: "net", Plan: "2 evaluations"})
	waitFor(t, s, "net on edge-npu (estimated), 2 evaluations\nbest  none yet\nstudy", "0 %  0:00 elapsed, time left unknown")

	d.TrialStarted(12, "design 12")
	d.TrialStarted(3, "design 3")
	d.TrialProgress(12, Step{Phase: "mixed", PhaseIndex: 1, Phases: 3, Epoch: 0.1, Epochs: 0.3, Done: 0.5})
	d.Best([]Point{{21.6, 88.31}})
	d.Total(0.25, 3*time.Minute, true)
	clock.advance(90 * time.Second)
	// A quarter of the 72 columns is 18, of which the brackets take 2; 8 and 4 of the 16 are filled.
	waitFor(t, s,
		"\ndesign 3   [----------------]   0 %  waiting for the first step\n"+
			"design 12  [=======>--------]  50 %  mixed 2/3, epoch 0.10 of 0.30\n"+
			"best  88.3 % @ 21.6 kB\n"+
			"study      [===>------------]  25 %  1:30 elapsed, 1:30 left")
	clock.advance(2 * time.Minute)
	waitFor(t, s, "3:30 elapsed, time left unknown")

	d.TrialDone(12, "design 12", "90.9 % @ 38.5 kB", false)
	d.TrialDone(3, "design 3", "loss is not a number", true)
	d.Note("two trials done")
	waitFor(t, s, "2 evaluations\ndesign 12: 90.9 % @ 38.5 kB\ndesign 3 failed: loss is not a number\ntwo trials done\nbest  88.3")

	d.TrialStarted(13, "design 13")
	waitFor(t, s, "design 13  [")
	begin := time.Now()
	d.Close()
	if took := time.Since(begin); took >= time.Second {
		t.Errorf("Close took %v", took)
	}
	want := "net on edge-npu (estimated), 2 evaluations\ndesign 12: 90.9 % @ 38.5 kB\ndesign 3 failed: loss is not a number\ntwo trials done"
	if got := s.text(); got != want {
		t.Errorf("after Close the screen shows:\n%s\nwant:\n%s", got, want)
	}
	if s.row != 4 {
		t.Errorf("cursor in row %d after Close, want that below the 4 lines", s.row)
	}
	if len(s.problems) > 0 {
		t.Errorf("sequences: %v", s.problems)
	}
}

func TestTerminalKeepsWithinWidth(t *testing.T) {
	for _, width := range []int{20, 40, 60, 79} {
		s := &screen{}
		d := newTerminal(s, func() int { return width }, nil, quick)
		d.Start(Info{Accelerator: "npu", Network: "net"})
		d.TrialStarted(1, strings.Repeat("long name ", 10))
		d.TrialStarted(2, "design 2")
		d.TrialProgress(2, Step{Phase: "homogeneous", Phases: 3, Epochs: 0.3})
		d.Best([]Point{{1, 80}, {2, 90}, {3, 91}, {4, 92}})
		waitFor(t, s, "design", "long", "best  92")
		d.Close()
		if s.widest > width-1 {
			t.Errorf("width %d: a line of %d columns", width, s.widest)
		}
	}
}

func TestTerminalFromManyGoroutines(t *testing.T) {
	s := &screen{}
	d := newTerminal(s, nil, nil, quick)
	d.Start(Info{Accelerator: "npu", Network: "net"})
	var group sync.WaitGroup
	for id := range 8 {
		group.Go(func() { exercise(d, id) })
	}
	group.Wait()
	d.Close()
	if got := strings.Count(s.text(), "design"); got != 8 {
		t.Errorf("%d lines of finished trials, want 8:\n%s", got, s.text())
	}
	if got := strings.Count(s.text(), "note"); got != 8 {
		t.Errorf("%d notes, want 8", got)
	}
}

// Calls that come during and after Close, as from workers that are still stopping, must return.
func TestTerminalClosedWhileInUse(t *testing.T) {
	s := &screen{}
	d := newTerminal(s, nil, nil, quick)
	d.Start(Info{Accelerator: "npu", Network: "net"})
	var group sync.WaitGroup
	for id := range 8 {
		group.Go(func() { exercise(d, id) })
	}
	d.Close()
	d.Close()
	ended := make(chan struct{})
	go func() {
		group.Wait()
		exercise(d, 9)
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Fatal("a call after Close does not return")
	}
}

// stuck is a terminal that takes no output until it is released.
type stuck struct{ released chan struct{} }

func (s stuck) Write(p []byte) (int, error) {
	<-s.released
	return len(p), nil
}

func TestCloseDoesNotWaitForStuckTerminal(t *testing.T) {
	w := stuck{make(chan struct{})}
	defer close(w.released)
	d := newTerminal(w, nil, nil, quick)
	d.Start(Info{Accelerator: "npu", Network: "net"})
	time.Sleep(10 * quick) // let a drawing get stuck
	begin := time.Now()
	d.Close()
	if took := time.Since(begin); took >= time.Second {
		t.Errorf("Close took %v", took)
	}
}

// gone is a terminal that was closed.
type gone struct{}

func (gone) Write([]byte) (int, error) { return 0, errors.New("input/output error") }

func TestTerminalThatIsGone(t *testing.T) {
	d := newTerminal(gone{}, nil, nil, quick)
	d.Start(Info{Accelerator: "npu", Network: "net"})
	for id := range 5 {
		exercise(d, id)
		time.Sleep(quick)
	}
	begin := time.Now()
	d.Close()
	if took := time.Since(begin); took >= time.Second {
		t.Errorf("Close took %v", took)
	}
}
