package live

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// tick is a clock that moves one second at each reading.
func tick() func() time.Time {
	at := time.Date(2025, 1, 2, 3, 4, 5, 678e6, time.UTC)
	return func() time.Time {
		at = at.Add(time.Second)
		return at
	}
}

func TestLog(t *testing.T) {
	var out strings.Builder
	l := NewLog(&out, tick())
	l.Start(Info{Accelerator: "edge-npu", AcceleratorStatus: "estimated", Network: "net", Data: "images", Study: "out", Plan: "2 evaluations"})
	l.TrialStarted(4, "design 4")
	for i := range 100 { // three phases: a quarter, half and a quarter of the trial
		done := float64(i) / 100
		s := Step{Phase: "homogeneous", Phases: 3, Epoch: done, Epochs: 0.25, Done: done}
		switch {
		case i >= 75:
			s.Phase, s.PhaseIndex, s.Epoch = "fine-tune", 2, done-0.75
		case i >= 25:
			s.Phase, s.PhaseIndex, s.Epoch, s.Epochs = "mixed", 1, done-0.25, 0.5
		}
		l.TrialProgress(4, s)
	}
	l.TrialProgress(4, Step{Phase: "fine-tune", PhaseIndex: 2, Phases: 3, Done: 1})
	l.TrialProgress(77, Step{Phase: "never started"})
	l.TrialDone(4, "design 4", "88.3 % @ 21.6 kB", false)
	l.Best([]Point{{21.6, 88.3}})
	l.Best([]Point{{21.6, 88.3}})
	l.Best(nil)
	l.Total(0.05, time.Minute, true)
	l.Total(0.51, 5*time.Minute, true)
	l.Total(0.55, 4*time.Minute, true)
	l.Total(0.6, 0, false)
	l.TrialStarted(5, "design 5")
	l.TrialDone(5, "design 5", "loss is not a number", true)
	l.Note("stopping")
	l.Close()
	l.Note("too late")
	want := `time=2025-01-02T03:04:06Z msg="study started" accelerator="edge-npu (estimated)" network=net data=images study=out plan="2 evaluations"
time=2025-01-02T03:04:07Z msg="trial started" trial=4 name="design 4"
time=2025-01-02T03:04:08Z msg="trial running" trial=4 at="homogeneous 1/3, epoch 0.00 of 0.25" done="0 %"
time=2025-01-02T03:04:09Z msg="trial running" trial=4 at="mixed 2/3, epoch 0.00 of 0.50" done="25 %"
time=2025-01-02T03:04:10Z msg="trial running" trial=4 at="mixed 2/3, epoch 0.25 of 0.50" done="50 %"
time=2025-01-02T03:04:11Z msg="trial running" trial=4 at="fine-tune 3/3, epoch 0.00 of 0.25" done="75 %"
time=2025-01-02T03:04:12Z msg="trial done" trial=4 name="design 4" result="88.3 % @ 21.6 kB"
time=2025-01-02T03:04:13Z msg="best so far" front="88.3 % @ 21.6 kB"
time=2025-01-02T03:04:14Z msg="study running" done="51 %" left="5:00 left"
time=2025-01-02T03:04:15Z msg="study running" done="60 %" left="time left unknown"
time=2025-01-02T03:04:16Z msg="trial started" trial=5 name="design 5"
time=2025-01-02T03:04:17Z level=WARN msg="trial failed" trial=5 name="design 5" reason="loss is not a number"
time=2025-01-02T03:04:18Z msg=stopping
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
}

func TestLogFromManyGoroutines(t *testing.T) {
	var out strings.Builder
	l := NewLog(&out, tick())
	var group sync.WaitGroup
	for id := range 8 {
		group.Go(func() { exercise(l, id) })
	}
	group.Wait()
	for _, line := range strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n") {
		if !strings.HasPrefix(line, "time=2025-01-02T03:") || strings.Count(line, "time=") != 1 {
			t.Fatalf("torn line %q", line)
		}
	}
}

// exercise runs a trial through d, as a worker does.
func exercise(d Display, id int) {
	d.TrialStarted(id, "design")
	for i := range 20 {
		done := float64(i) / 20
		d.TrialProgress(id, Step{Phase: "mixed", PhaseIndex: 1, Phases: 3, Epoch: done, Epochs: 1, Done: done})
		d.Total(done, time.Minute, i%2 == 0)
	}
	d.Best([]Point{{float64(id), 90}})
	d.TrialDone(id, "design", "90 %", id%3 == 0)
	d.Note("note")
}
