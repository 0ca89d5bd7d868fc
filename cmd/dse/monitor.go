package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/mattn/go-isatty"

	"dse/qat"
	"dse/reports/live"
	"dse/search"
	"dse/search/experiment"
)

// monitor shows a running study: it translates the search's events and the trainer's progress for
// the display.
type monitor struct {
	display live.Display
	job     *job
	once    sync.Once

	mu       sync.Mutex
	finished []search.Result
	stale    bool // trials were replayed since the front was last shown
	// shares of running trials, for the time left
	running map[int]float64
	// wall seconds of designs and baselines that ended in this study
	took  []time.Duration
	spent time.Duration // of earlier sessions and trials, as last told
	at    time.Time     // when spent was told
}

func newMonitor(j *job, stderr io.Writer) *monitor {
	m := &monitor{job: j, running: map[int]float64{}, at: time.Now()}
	if f, ok := stderr.(*os.File); ok && isatty.IsTerminal(f.Fd()) {
		m.display = live.NewTerminal(stderr, func() int { return terminalWidth(f) }, time.Now)
	} else {
		m.display = live.NewLog(stderr, time.Now)
	}
	plan := fmt.Sprintf("%d designs", j.flags.evaluations)
	switch {
	case j.flags.evaluations == 0:
		plan = "budget " + j.flags.budget.String()
	case j.flags.budget > 0:
		plan += ", at most " + j.flags.budget.String()
	}
	m.display.Start(live.Info{
		Accelerator: j.accel.Name, AcceleratorStatus: j.accel.Status.String(), Network: j.network.Name, Data: j.data.Name, Study: j.dir, Plan: plan,
	})
	return m
}

func (m *monitor) close() { m.once.Do(m.display.Close) }

// trialName names a trial for people.
func trialName(t search.Trial) string {
	switch t.Kind {
	case search.FloatTrial:
		return "float"
	case search.BaselineTrial:
		return fmt.Sprintf("homogeneous %d bit", t.BaselineBits)
	case search.ProbeTrial:
		return fmt.Sprintf("design %d, rung %d of %d", t.ID, t.Rung+1, t.Rungs)
	}
	return fmt.Sprintf("design %d", t.ID)
}

// Observe implements search.Observer.
func (m *monitor) Observe(e search.Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e.Spent > 0 {
		m.spent, m.at = e.Spent, time.Now()
	}
	id, name := e.Trial.ID, trialName(e.Trial)
	switch e.Kind {
	case search.TrialStarted:
		m.running[id] = 0
		m.display.TrialStarted(id, name)
		if m.stale {
			m.best()
		}
	case search.TrialFinished, search.TrialFailed, search.TrialReplayed:
		delete(m.running, id)
		if e.Trial.Kind != search.FloatTrial {
			m.took = append(m.took, e.Took)
		}
		m.finished = append(m.finished, search.Result{Trial: e.Trial, Outcome: e.Outcome, Took: e.Took})
		if e.Kind == search.TrialReplayed {
			m.stale = true // once for all of them, when the first new trial starts
			break
		}
		m.display.TrialDone(id, name, summary(e.Outcome), e.Outcome.Failed)
		m.best()
	case search.TrialStopped:
		m.display.Note(name + ": stopped early, others did better with as many images")
	case search.TrialInterrupted:
		delete(m.running, id)
	}
	m.total()
}

// summary is the outcome of a trial in one line.
func summary(o search.Outcome) string {
	if o.Failed {
		return o.Reason
	}
	r, err := experiment.ParseRecord(o)
	if err != nil {
		return err.Error()
	}
	text := fmt.Sprintf("%.2f %% held-out, %.1f kB", r.Held.Percent(), r.Footprint.Memory().Kilobytes())
	if r.Precision != nil {
		text += fmt.Sprintf(", %.2f/%.2f bits, %.3f ms, %.1f uJ", r.WeightBits, r.ActivationBits, r.LatencyMS, r.EnergyUJ)
	}
	if v := o.Violation(); v > 0 {
		text += fmt.Sprintf(", over a limit by %.0f %%", 100*v)
	}
	return text
}

// best shows the front in memory and accuracy so far.
func (m *monitor) best() {
	m.stale = false
	var points []live.Point
	for _, r := range search.Front(m.finished, m.job.experiment.Goals()) {
		if rec, err := experiment.ParseRecord(r.Outcome); err == nil {
			points = append(points, live.Point{MemoryKB: rec.Footprint.Memory().Kilobytes(), Accuracy: rec.Held.Percent()})
		}
	}
	if len(points) > 0 {
		m.display.Best(points)
	}
}

// progress is told of each training step, from several goroutines.
func (m *monitor) progress(t search.Trial, p qat.Progress) {
	m.display.TrialProgress(t.ID, live.Step{
		Phase: p.Phase, PhaseIndex: p.PhaseIndex, Phases: p.Phases, Epoch: p.Epoch, Epochs: p.Epochs, Done: p.Done,
	})
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.running[t.ID]; ok {
		m.running[t.ID] = p.Done
	}
	m.total()
}

// total estimates how far the study is: by time where the budget ends it, by trials where their
// number does, whichever is further along.
func (m *monitor) total() {
	f := m.job.flags
	spent := m.spent + time.Since(m.at)
	done, left, known := 0.0, time.Duration(0), false
	if f.budget > 0 {
		done = min(1, float64(spent)/float64(f.budget))
		left, known = max(0, f.budget-spent), true
	}
	if f.evaluations > 0 {
		all := float64(f.evaluations + len(f.search.baselines))
		ended := float64(len(m.took))
		for _, share := range m.running {
			ended += share
		}
		share := min(1, ended/all)
		var sum time.Duration
		for _, t := range m.took {
			sum += t
		}
		if n := len(m.took); n > 0 {
			rest := time.Duration((all - ended) / float64(min(f.workers, n)) * float64(sum) / float64(n))
			if !known || rest < left {
				left, known = rest, true
			}
		}
		done = max(done, share)
	}
	m.display.Total(done, left, known)
}
