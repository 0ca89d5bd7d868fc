package page_test

import (
	"context"
	_ "embed"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"dse/reports/page"
)

// browser is a page in a headless browser, with everything that it complained about or asked for.
type browser struct {
	ctx context.Context

	mu       sync.Mutex
	errors   []string
	requests []string
}

// open writes a study's page to a file and opens it, or skips the test where there is no browser.
func open(t *testing.T, s page.Study) *browser {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		t.Skip("no browser: install chromium to test the page in one")
	}
	path := filepath.Join(t.TempDir(), "report.html")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := page.Write(f, s); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	// Tests often run as root in containers, where the browser's sandbox cannot start.
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.WindowSize(1280, 900))
	alloc, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, stop := chromedp.NewContext(alloc)
	t.Cleanup(stop)
	b := &browser{ctx: ctx}
	err = chromedp.Listen(ctx, func(event any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			b.errors = append(b.errors, fmt.Sprintf("%s %v", e.ExceptionDetails.Text, e.ExceptionDetails.Exception))
		case *runtime.EventConsoleAPICalled:
			b.errors = append(b.errors, fmt.Sprintf("console.%s", e.Type))
		case *log.EventEntryAdded:
			b.errors = append(b.errors, e.Entry.Text)
		case *network.EventRequestWillBeSent:
			b.requests = append(b.requests, e.Request.URL)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	b.do(t, chromedp.Navigate((&url.URL{Scheme: "file", Path: path}).String()), chromedp.WaitReady(`html[data-ready=yes]`))
	return b
}

func (b *browser) do(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, stop := context.WithTimeout(b.ctx, time.Minute)
	defer stop()
	if err := chromedp.Do(ctx, actions...); err != nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		t.Fatalf("%v; the page said %q", err, b.errors)
	}
}

// eval evaluates an expression in the page.
func eval[T any](t *testing.T, b *browser, js string) T {
	t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](js))
	if err != nil {
		t.Fatalf("%v in %s", err, js)
	}
	return v
}

// media makes the page believe in a theme, and in a medium if one is given.
func (b *browser) media(t *testing.T, medium, theme string) {
	t.Helper()
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}}
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: medium, Features: features}); err != nil {
		t.Fatal(err)
	}
}

func (b *browser) count(t *testing.T, selector string) int {
	t.Helper()
	return eval[int](t, b, fmt.Sprintf("document.querySelectorAll(%q).length", selector))
}

// quiet checks that the page had no errors and loaded nothing but itself.
func (b *browser) quiet(t *testing.T) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.errors {
		t.Errorf("the page complains: %s", e)
	}
	if len(b.requests) == 0 {
		t.Error("not even the page was requested: requests are not watched")
	}
	for _, u := range b.requests {
		if !strings.HasPrefix(u, "file:") && !strings.HasPrefix(u, "data:") {
			t.Errorf("the page requested %s", u)
		}
	}
}

// Every chart has a mark for everything that it should show.
func TestMarks(t *testing.T) {
	s := sample(t, 60)
	b := open(t, s)
	r := s.Results
	failed := 0
	for _, d := range r.Trials {
		if d.Failed {
			failed++
		}
	}
	// The design in the middle of the front is open at first.
	x := s.Anatomies[len(r.Front)/2]
	slices, macs := 0, 0
	for _, w := range x.Weights {
		slices += len(w.Widths)
	}
	for _, l := range x.Steps {
		if l.MACs > 0 {
			macs++
		}
	}
	others := len(r.Trials) - failed - len(r.Front) - len(r.Baselines)
	for _, c := range []struct {
		selector string
		want     int
	}{
		{"#chart-front circle.front", len(r.Front)},
		{"#chart-front polygon.baseline", len(r.Baselines)},
		{"#chart-front circle.trial", others},
		{"#chart-front line.bar", len(r.Front)},
		{"#chart-genomes polyline.thread", others + len(r.Front)},
		{"#chart-genomes polyline.on", len(r.Front)},
		{"#chart-bits rect.slice", slices},
		{"#chart-latency g[role=img]", len(x.Steps)},
		{"#chart-energy g[role=img]", len(x.Steps)},
		{"#chart-roofline circle", macs},
		{"#chart-memory g[role=img]", len(x.Steps) * len(s.Chip.Memories)},
		{"#table-front tr[data-id]", len(r.Front) + len(r.Baselines)},
		{"#table-steps tbody tr", len(x.Steps)},
		{"#choose option", len(s.Anatomies)},
	} {
		if got := b.count(t, c.selector); got != c.want {
			t.Errorf("%s: %d marks, want %d", c.selector, got, c.want)
		}
	}
	if got := b.count(t, "#chart-course circle"); got < 2 || got > len(r.Trials) {
		t.Errorf("%d trials moved the front, of %d", got, len(r.Trials))
	}
	b.quiet(t)
}

// Pointer, keyboard and axes do what they promise.
func TestUse(t *testing.T) {
	s := sample(t, 60)
	b := open(t, s)
	first, second := s.Results.Front[0], s.Results.Front[1]
	dot := func(id int) string { return fmt.Sprintf("#chart-front circle.front[data-id='%d']", id) }
	position := func(selector string) [2]float64 {
		return eval[[2]float64](t, b, fmt.Sprintf("(()=>{const r=document.querySelector(%q).getBoundingClientRect();return [r.x+r.width/2,r.y+r.height/2]})()", selector))
	}
	b.do(t, chromedp.ScrollIntoView("#chart-front"))
	at := position(dot(first.ID))
	b.do(t, chromedp.MouseEvent("mouseMoved", at[0], at[1]))
	tip := eval[string](t, b, "tip.hidden ? '' : tip.textContent")
	for _, want := range []string{first.Name + "\n", fmt.Sprintf("memory %.1f kB", float64(first.MemoryKB)), fmt.Sprintf("accuracy %.2f", float64(first.Accuracy))} {
		if !strings.Contains(tip, want) {
			t.Errorf("under the pointer: %q, want %q in it", tip, want)
		}
	}
	b.do(t, chromedp.MouseEvent("mouseMoved", 2, 2))
	if eval[bool](t, b, "!tip.hidden") {
		t.Error("details stay when the pointer has left")
	}
	b.do(t, chromedp.MouseClickXY(at[0], at[1]))
	if got := eval[string](t, b, "document.querySelector('#choose').value"); got != fmt.Sprint(first.ID) {
		t.Errorf("a click on %s chose %s", first.Name, got)
	}
	if got := eval[string](t, b, "document.querySelector('tr.chosen th').textContent"); got != first.Name {
		t.Errorf("row %q is marked, want %q", got, first.Name)
	}
	if got := eval[string](t, b, "document.getElementById('summary').textContent"); !strings.Contains(got, fmt.Sprintf("%.1f kB", float64(first.MemoryKB))) {
		t.Errorf("the summary %q lacks the memory", got)
	}

	b.do(t, chromedp.Evaluate[chromedp.Void]("document.querySelector('#axis-x').value='latency';document.querySelector('#axis-x').dispatchEvent(new Event('change'))"))
	if got := eval[string](t, b, "document.querySelector('#chart-front svg').getAttribute('aria-label')"); !strings.Contains(got, "accuracy against latency") {
		t.Errorf("after the switch the chart is %q", got)
	}
	if now := position(dot(first.ID)); now[0] == at[0] {
		t.Error("the switch of axes moved nothing")
	}
	// Marks are ordered by what they stand for: of two designs the slower one lies to the right.
	if p, q := position(dot(first.ID)), position(dot(second.ID)); (p[0] < q[0]) != (first.LatencyMS < second.LatencyMS) {
		t.Errorf("%v ms at %v, %v ms at %v", first.LatencyMS, p[0], second.LatencyMS, q[0])
	}

	b.do(t, chromedp.Evaluate[chromedp.Void]("document.querySelector('#show-trials').click()"))
	if n := b.count(t, "#chart-front circle.trial"); n != 0 {
		t.Errorf("%d other designs are left", n)
	}

	b.do(t, chromedp.Focus("#chart-front [tabindex='0']"), chromedp.KeyEvent("\uE014")) // right arrow
	stop := eval[string](t, b, "document.activeElement.dataset.id")
	if eval[bool](t, b, "tip.hidden") || stop == "" {
		t.Error("the arrow key shows no details")
	}
	for range len(s.Results.Baselines) {
		b.do(t, chromedp.KeyEvent("\uE014"))
	}
	stop = eval[string](t, b, "document.activeElement.dataset.id")
	b.do(t, chromedp.KeyEvent("\r"))
	if got := eval[string](t, b, "document.querySelector('#choose').value"); got != stop {
		t.Errorf("Enter on %s chose %s", stop, got)
	}
	b.quiet(t)
}

// The page fits a phone: nothing sticks out at the side, text stays legible.
func TestPhone(t *testing.T) {
	b := open(t, sample(t, 60))
	b.do(t, chromedp.EmulateViewport(380, 800, chromedp.EmulateMobile), chromedp.Sleep(300*time.Millisecond))
	if w := eval[int](t, b, "document.documentElement.scrollWidth"); w > 380 {
		t.Errorf("the page is %d px wide on a screen of 380: %v", w, eval[[]string](t, b,
			"[...document.querySelectorAll('body *')].filter(e=>e.getBoundingClientRect().right>381&&!e.closest('.scroll')&&!e.closest('svg')).map(e=>e.tagName+'#'+e.id)"))
	}
	if small := eval[[]string](t, b, `[...document.querySelectorAll('svg text, p, td, figcaption, label')].filter(e => {
		const svg = e.closest('svg'), zoom = svg ? svg.getBoundingClientRect().width / svg.viewBox.baseVal.width : 1;
		return parseFloat(getComputedStyle(e).fontSize) * zoom < 10.5 }).map(e => e.textContent)`); len(small) > 0 {
		t.Errorf("text under 10.5 px: %q", small)
	}
	b.quiet(t)
}

//go:embed testdata/accessible.js
var accessible string

// Names, roles, labels, order of headings, and contrast of all text in both themes.
func TestAccessible(t *testing.T) {
	b := open(t, sample(t, 60))
	for _, theme := range []string{"light", "dark"} {
		b.media(t, "", theme)
		report := eval[struct {
			Texts, Marks int
			Findings     []string
		}](t, b, accessible)
		if report.Texts < 100 || report.Marks < 100 {
			t.Errorf("%s: only %d texts and %d marks were looked at", theme, report.Texts, report.Marks)
		}
		for _, f := range report.Findings {
			t.Errorf("%s: %s", theme, f)
		}
	}
	// The check finds what it is there to find.
	b.do(t, chromedp.Evaluate[chromedp.Void]("document.querySelector('h2').style.color='var(--line)'; document.querySelector('#chart-front svg').removeAttribute('aria-label')"))
	if broken := eval[struct{ Findings []string }](t, b, accessible); len(broken.Findings) != 2 {
		t.Errorf("of two planted mistakes it found %q", broken.Findings)
	}
}

// A page of 2,000 trials is under 3 MB and can be used within a second. The machine may be busy: the best of three
// loads counts.
func TestLargeStudy(t *testing.T) {
	s := sample(t, 2000)
	var size counter
	if err := page.Write(&size, s); err != nil {
		t.Fatal(err)
	}
	if size > 3e6 {
		t.Errorf("%d bytes, want at most 3,000,000", size)
	}
	b := open(t, s)
	best := 1e9
	for range 3 {
		best = min(best, eval[float64](t, b, "performance.getEntriesByType('navigation')[0].domInteractive"))
		b.do(t, chromedp.Reload(), chromedp.WaitReady(`html[data-ready=yes]`))
	}
	t.Logf("%d trials, %d on the front: %.2f MB, usable after %.0f ms", len(s.Results.Trials), len(s.Results.Front), float64(size)/1e6, best)
	if best > 1000 {
		t.Errorf("usable after %.0f ms, want at most 1000", best)
	}
	b.quiet(t)
}

// counter counts what is written to it.
type counter int

func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}
