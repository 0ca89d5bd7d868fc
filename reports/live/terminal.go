package live

import (
	"io"
	"strings"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// Terminal shows a study as lines that are drawn again and again at the bottom of a terminal: one bar
// for each running trial, the best designs, and a bar for the study. What is finished becomes an
// ordinary line above them.
//
// mpb owns the screen. It calls the row methods below from goroutines of its own and waits for them,
// so mu, which they take, is never held while mpb is called.
type Terminal struct {
	progress *mpb.Progress
	width    func() int
	now      func() time.Time

	mu     sync.Mutex
	closed bool
	bars   []*mpb.Bar // best line and study bar
	trials map[int]*trial
	best   []Point
	study  total
	start  time.Time
}

var _ Display = (*Terminal)(nil)

// trial is a running trial.
type trial struct {
	name string
	step Step
	// ended is what to say in place of the step while mpb takes the bar away, which it does only with
	// the drawing after next.
	ended string
	bar   *mpb.Bar
}

// total is what Total last said, and when.
type total struct {
	done  float64
	left  time.Duration
	known bool
	at    time.Time
}

const (
	// refresh is how often the lines are drawn: often enough to look alive, seldom enough to cost
	// nothing beside the training.
	refresh = 150 * time.Millisecond
	// patience is how long Close waits for a terminal that takes no output, such as one stopped by
	// Ctrl-S.
	patience = 900 * time.Millisecond
	// Trials are sorted by id; the other lines stand below them.
	bestPriority  = 1 << 30
	studyPriority = bestPriority + 1
)

// NewTerminal returns a Terminal that draws on w, which should be a terminal. The lines are cut to
// width columns, asked for on each drawing; if nil or not positive, to the width that the terminal
// itself states. Elapsed time is that of now; if nil, of time.Now.
func NewTerminal(w io.Writer, width func() int, now func() time.Time) *Terminal {
	return newTerminal(w, width, now, refresh)
}

func newTerminal(w io.Writer, width func() int, now func() time.Time, every time.Duration) *Terminal {
	if now == nil {
		now = time.Now
	}
	t := &Terminal{width: width, now: now, trials: make(map[int]*trial), start: now()}
	t.progress = mpb.New(mpb.WithOutput(w), mpb.WithAutoRefresh(), mpb.WithRefreshRate(every))
	return t
}

// Start writes what runs and shows the bar of the study.
func (t *Terminal) Start(i Info) {
	t.mu.Lock()
	t.start = t.now()
	t.mu.Unlock()
	t.above(i.headline())
	best := t.add(bestPriority, t.bestRow)
	study := t.add(studyPriority, t.studyRow)
	t.keep(func() { t.bars = append(t.bars, best, study) }, best, study)
}

// TrialStarted adds a bar.
func (t *Terminal) TrialStarted(id int, name string) {
	r := &trial{name: oneLine(name)}
	t.mu.Lock()
	_, known := t.trials[id]
	if !known {
		t.trials[id] = r
	}
	t.mu.Unlock()
	if known {
		return
	}
	bar := t.add(id, func(width int, b bar) string { return t.trialRow(r, width, b) })
	t.keep(func() { r.bar = bar }, bar)
}

// TrialProgress moves the trial's bar.
func (t *Terminal) TrialProgress(id int, s Step) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if r := t.trials[id]; r != nil {
		r.step = s
	}
}

// TrialDone replaces the trial's bar by a line above the others.
func (t *Terminal) TrialDone(id int, name, summary string, failed bool) {
	t.mu.Lock()
	var bar *mpb.Bar
	if r := t.trials[id]; r != nil {
		bar, r.ended = r.bar, "done"
		if failed {
			r.ended = "failed"
		}
	}
	delete(t.trials, id)
	t.mu.Unlock()
	remove(bar)
	t.above(doneLine(name, summary, failed))
}

// Best sets the line of the best designs.
func (t *Terminal) Best(front []Point) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.best = append([]Point(nil), front...)
}

// Total moves the bar of the study. Until the next call the time left is counted down.
func (t *Terminal) Total(done float64, left time.Duration, known bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.study = total{done: done, left: left, known: known, at: t.now()}
}

// Note writes a line above the bars.
func (t *Terminal) Note(text string) { t.above(oneLine(text)) }

// Close takes all bars away and leaves the cursor at the start of the line below the last one written.
func (t *Terminal) Close() {
	t.mu.Lock()
	bars := t.bars
	for _, r := range t.trials {
		bars = append(bars, r.bar)
	}
	done := t.closed
	t.closed, t.bars, t.trials = true, nil, map[int]*trial{}
	t.mu.Unlock()
	if done {
		return
	}
	ended := make(chan struct{})
	go func() {
		remove(bars...)
		t.progress.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(patience):
	}
}

// above writes a line above the bars. After Close there is nowhere to write it.
func (t *Terminal) above(line string) {
	_, _ = io.WriteString(t.progress, line+"\n")
}

// add makes a line at the bottom of the terminal whose text is that of row. It returns nil after Close.
func (t *Terminal) add(priority int, row func(width int, b bar) string) *mpb.Bar {
	style := mpb.BarStyle().Build()
	fill := mpb.BarFillerFunc(func(w io.Writer, s decor.Statistics) error {
		text := row(t.columns(s.AvailableWidth), func(done float64, width int) string { return drawBar(style, done, width) })
		_, err := io.WriteString(w, text)
		return err
	})
	// The total is left open, so that a bar ends only when it is told to.
	b, err := t.progress.Add(0, fill, mpb.BarFillerTrim(), mpb.BarPriority(priority))
	if err != nil {
		return nil
	}
	return b
}

// keep stores bars by store, or takes them away if Close came in between.
func (t *Terminal) keep(store func(), bars ...*mpb.Bar) {
	t.mu.Lock()
	closed := t.closed
	if !closed {
		store()
	}
	t.mu.Unlock()
	if closed {
		remove(bars...)
	}
}

// remove takes bars off the screen. A nil bar was never there.
func remove(bars ...*mpb.Bar) {
	for _, b := range bars {
		if b != nil {
			b.Abort(true)
		}
	}
}

// columns returns how wide a line may be: one less than the terminal, because some terminals go on to
// the next line as soon as the last column is written.
func (t *Terminal) columns(available int) int {
	w := available
	if t.width != nil {
		if own := t.width(); own > 0 && (w <= 0 || own < w) {
			w = own
		}
	}
	if w <= 0 {
		w = 80
	}
	return w - 1
}

// bar draws a bar of a width for a fraction.
type bar func(done float64, width int) string

// drawBar draws with mpb's own style.
func drawBar(style mpb.BarFiller, done float64, width int) string {
	const whole = 1 << 20 // fine enough for any width
	var b strings.Builder
	// A strings.Builder takes all that is written.
	_ = style.Fill(&b, decor.Statistics{AvailableWidth: width, Total: whole, Current: int64(clamp(done) * whole)})
	return b.String()
}

// trialRow returns the line of a running trial.
func (t *Terminal) trialRow(r *trial, width int, b bar) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	where := "waiting for the first step"
	switch {
	case r.ended != "":
		where = r.ended
	case r.step.Phase != "":
		where = r.step.where()
	}
	return progressRow(r.name, t.names(), r.step.Done, where, width, b)
}

// studyRow returns the line of the study.
func (t *Terminal) studyRow(width int, b bar) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	// An estimate that has run out was wrong: from then on the time left is not known.
	left := t.study.left - now.Sub(t.study.at)
	text := clockText(now.Sub(t.start)) + " elapsed, " + leftText(left, t.study.known)
	return progressRow(studyName, t.names(), t.study.done, text, width, b)
}

// bestRow returns the line of the best designs.
func (t *Terminal) bestRow(width int, _ bar) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	const title = "best  "
	return clip(title+bestText(t.best, width-len(title)), width)
}

const studyName = "study"

// names returns the width of the widest name shown. The caller holds t.mu.
func (t *Terminal) names() int {
	w := len(studyName)
	for _, r := range t.trials {
		w = max(w, displayWidth(r.name))
	}
	return w
}

// progressRow lays out a line: name, bar, percentage, text. The bar takes a quarter of the line, and
// none where that would be too little to see.
func progressRow(name string, names int, done float64, text string, width int, b bar) string {
	const leastBar, mostBar = 12, 40
	line := pad(name, names) + "  "
	if w := min(width/4, mostBar); w >= leastBar {
		line += b(done, w) + " "
	}
	const widest = len("100 %")
	p := percent(done)
	return clip(line+strings.Repeat(" ", widest-len(p))+p+"  "+text, width)
}
