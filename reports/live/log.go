package live

import (
	"context"
	"io"
	"log/slog"
	"math"
	"sync"
	"time"
)

// Log shows a study as lines of log/slog text, one for each event. Progress is thinned out: a line
// when a trial enters a phase or another quarter of its training, and one for each tenth of the study.
type Log struct {
	handler slog.Handler
	now     func() time.Time

	mu     sync.Mutex
	trials map[int]logged // running trials
	tenth  int            // of the study, last logged
	best   string         // last logged
	closed bool
}

var _ Display = (*Log)(nil)

// logged is the place of a trial in its last line.
type logged struct{ phase, quarter int }

const (
	quarters = 4
	tenths   = 10
	// bestWidth is how much of the front a line lists, in columns.
	bestWidth = 120
)

// NewLog returns a Log that writes to w. Lines bear the time of now; if nil, of time.Now.
func NewLog(w io.Writer, now func() time.Time) *Log {
	if now == nil {
		now = time.Now
	}
	h := slog.NewTextHandler(w, &slog.HandlerOptions{ReplaceAttr: quiet})
	return &Log{handler: h, now: now, trials: make(map[int]logged)}
}

// quiet leaves the level out of ordinary lines and fractions of a second out of times.
func quiet(groups []string, a slog.Attr) slog.Attr {
	if len(groups) > 0 {
		return a
	}
	switch a.Key {
	case slog.LevelKey:
		if a.Value.Any() == slog.LevelInfo {
			return slog.Attr{}
		}
	case slog.TimeKey:
		return slog.String(slog.TimeKey, a.Value.Time().Format(time.RFC3339))
	}
	return a
}

// Start logs what runs.
func (l *Log) Start(i Info) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.line(slog.LevelInfo, "study started", slog.String("accelerator", i.chip()), slog.String("network", i.Network),
		slog.String("data", i.Data), slog.String("study", i.Study), slog.String("plan", i.Plan))
}

// TrialStarted logs it.
func (l *Log) TrialStarted(id int, name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.trials[id] = logged{phase: -1}
	l.line(slog.LevelInfo, "trial started", slog.Int("trial", id), slog.String("name", name))
}

// TrialProgress logs the step if it is in another phase or quarter than the last one logged.
func (l *Log) TrialProgress(id int, s Step) {
	l.mu.Lock()
	defer l.mu.Unlock()
	last, running := l.trials[id]
	here := logged{s.PhaseIndex, int(math.Floor(clamp(s.Done) * quarters))}
	if !running || here == last || here.quarter == quarters {
		return
	}
	l.trials[id] = here
	l.line(slog.LevelInfo, "trial running", slog.Int("trial", id), slog.String("at", s.where()), slog.String("done", percent(s.Done)))
}

// TrialDone logs the summary, that of a failed trial as a warning.
func (l *Log) TrialDone(id int, name, summary string, failed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.trials, id)
	if failed {
		l.line(slog.LevelWarn, "trial failed", slog.Int("trial", id), slog.String("name", name), slog.String("reason", oneLine(summary)))
		return
	}
	l.line(slog.LevelInfo, "trial done", slog.Int("trial", id), slog.String("name", name), slog.String("result", oneLine(summary)))
}

// Best logs the front if it has changed.
func (l *Log) Best(front []Point) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if text := bestText(front, bestWidth); len(front) > 0 && text != l.best {
		l.best = text
		l.line(slog.LevelInfo, "best so far", slog.String("front", text))
	}
}

// Total logs each tenth of the study that is done.
func (l *Log) Total(done float64, left time.Duration, known bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	tenth := int(math.Floor(clamp(done) * tenths))
	if tenth <= l.tenth {
		return
	}
	l.tenth = tenth
	l.line(slog.LevelInfo, "study running", slog.String("done", percent(done)), slog.String("left", leftText(left, known)))
}

// Note logs the text.
func (l *Log) Note(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.line(slog.LevelInfo, oneLine(text))
}

// Close ends the log; what is told later is not written.
func (l *Log) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
}

// line writes one record at the clock's time. The caller holds l.mu. A writer that fails cannot be
// reported to anybody, and a study must not end for want of a log.
func (l *Log) line(level slog.Level, msg string, attrs ...slog.Attr) {
	if l.closed {
		return
	}
	r := slog.NewRecord(l.now(), level, msg, 0)
	r.AddAttrs(attrs...)
	_ = l.handler.Handle(context.Background(), r)
}
