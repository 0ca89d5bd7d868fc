package reports

import (
	"errors"
	"image/color"
	"io"
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// The chart is 800 x 500 pixels of 1/96 inch.
const (
	chartDPI    = 96
	chartWidth  = 800 * vg.Inch / chartDPI
	chartHeight = 500 * vg.Inch / chartDPI
)

var (
	frontColor    = color.NRGBA{R: 0x1b, G: 0x5e, B: 0xa8, A: 0xff}
	baselineColor = color.NRGBA{R: 0xb8, G: 0x4a, B: 0x12, A: 0xff}
	trialColor    = color.NRGBA{R: 0x90, G: 0x90, B: 0x90, A: 0xff}
	gridColor     = color.NRGBA{R: 0xe6, G: 0xe6, B: 0xe6, A: 0xff}
)

// WriteFrontSVG draws accuracy against memory as an SVG document: the front with its error bars and
// the staircase of what is reached within each memory, the baselines by name, other trials faint.
// A baseline more than twice as large as the front is a line at its accuracy, one far below the
// front a triangle at the lower edge.
func WriteFrontSVG(w io.Writer, r Results) error {
	p, err := newPlot(r)
	if err != nil {
		return err
	}
	c := vgsvg.New(chartWidth, chartHeight)
	p.Draw(inset(draw.New(c)))
	_, err = c.WriteTo(w)
	return err
}

// WriteFrontPNG draws the chart of WriteFrontSVG as a PNG image of 800 x 500 pixels.
func WriteFrontPNG(w io.Writer, r Results) error {
	p, err := newPlot(r)
	if err != nil {
		return err
	}
	c := vgimg.NewWith(vgimg.UseWH(chartWidth, chartHeight), vgimg.UseDPI(chartDPI))
	p.Draw(inset(draw.New(c)))
	_, err = vgimg.PngCanvas{Canvas: c}.WriteTo(w)
	return err
}

// inset keeps the chart off the edges of its image.
func inset(c draw.Canvas) draw.Canvas {
	return draw.Crop(c, vg.Points(6), vg.Points(-10), vg.Points(4), vg.Points(-6))
}

// newPlot lays out the chart; faint things come first so that others lie above them.
func newPlot(r Results) (*plot.Plot, error) {
	c := newChart(r)
	p := plot.New()
	p.Title.Text = oneLine(r.Network) + " on " + chip(r)
	p.Title.TextStyle.Font = sans(14)
	p.Title.Padding = vg.Points(8)
	p.X.Label.Text = "memory, kB: weights + peak activations + metadata"
	p.Y.Label.Text = "accuracy, %"
	if split := commonSplit(append(append([]Design{}, r.Front...), r.Baselines...)); split != "" {
		p.Y.Label.Text += " of " + split + " images"
	}
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Label.TextStyle.Font = sans(12)
		a.Label.Padding = vg.Points(4)
		a.Tick.Label.Font = sans(11)
		a.Tick.Marker = roundTicks{}
	}
	p.Legend.TextStyle.Font = sans(11)
	p.Legend.Padding = vg.Points(3)
	p.Legend.XOffs, p.Legend.YOffs = vg.Points(-8), vg.Points(8)

	lines := plotter.NewGrid()
	lines.Horizontal.Color, lines.Vertical.Color = gridColor, gridColor
	p.Add(lines)
	err := errors.Join(drawTrials(p, c, r), drawBaselines(p, c), drawFront(p, c))
	if c.empty() {
		p.Title.Text += ": no design trained yet"
	}
	// Set last: adding a plotter widens the axes to its data.
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, c.right, c.bottom, c.top
	return p, err
}

func drawTrials(p *plot.Plot, c chart, r Results) error {
	ms := c.inside(c.trials)
	if len(ms) == 0 {
		return nil
	}
	s, err := scatter(ms, draw.CircleGlyph{}, trialColor, 2.2)
	if err != nil {
		return err
	}
	p.Add(s)
	name := "other trials"
	for _, d := range r.otherTrials() {
		if d.AccuracySplit == "held-out" {
			name = "other trials (held-out images)"
		}
	}
	p.Legend.Add(name, s)
	return nil
}

func drawFront(p *plot.Plot, c chart) error {
	if len(c.front) == 0 {
		return nil
	}
	l, err := plotter.NewLine(c.stairs)
	if err != nil {
		return err
	}
	l.Color, l.Width = frontColor, vg.Points(1.5)
	bars, err := errorBars(c.front, frontColor)
	if err != nil {
		return err
	}
	s, err := scatter(c.front, draw.CircleGlyph{}, frontColor, 4)
	if err != nil {
		return err
	}
	p.Add(l, bars, s)
	p.Legend.Add("front ± one standard error", l, s)
	return nil
}

func drawBaselines(p *plot.Plot, c chart) error {
	if len(c.baselines) > 0 {
		bars, err := errorBars(c.baselines, baselineColor)
		if err != nil {
			return err
		}
		s, err := scatter(c.baselines, draw.BoxGlyph{}, baselineColor, 3.2)
		if err != nil {
			return err
		}
		p.Add(bars, s)
		if err := nameBaselines(p, c); err != nil {
			return err
		}
		p.Legend.Add("baselines", s)
	}
	for _, m := range c.levels {
		l, err := plotter.NewLine(plotter.XYs{{X: 0, Y: m.y}, {X: c.right, Y: m.y}})
		if err != nil {
			return err
		}
		l.Color, l.Width, l.Dashes = baselineColor, vg.Points(1), []vg.Length{vg.Points(5), vg.Points(3)}
		t, err := labels([]mark{{x: 0, y: m.y, name: levelText(m)}}, draw.XLeft, vg.Point{X: 6, Y: 4})
		if err != nil {
			return err
		}
		p.Add(l, t)
	}
	if len(c.sunken) == 0 {
		return nil
	}
	edge := make([]mark, len(c.sunken))
	for i, m := range c.sunken {
		edge[i] = mark{x: m.x, y: c.bottom, name: sunkenText(m)}
	}
	s, err := scatter(edge, downGlyph{}, baselineColor, 4)
	if err != nil {
		return err
	}
	t, err := labels(edge, draw.XLeft, vg.Point{X: 8, Y: 3})
	if err != nil {
		return err
	}
	p.Add(s, t)
	return nil
}

// nameBaselines writes the names of baselines that are points: below the point, away from the line of
// the float network, and towards the middle of the chart.
func nameBaselines(p *plot.Plot, c chart) error {
	for _, m := range c.baselines {
		align, at := draw.XLeft, vg.Point{X: 6, Y: -14}
		if m.x > c.right/2 {
			align, at.X = draw.XRight, -6
		}
		l, err := labels([]mark{m}, align, at)
		if err != nil {
			return err
		}
		p.Add(l)
	}
	return nil
}

func scatter(ms []mark, shape draw.GlyphDrawer, c color.Color, radius vg.Length) (*plotter.Scatter, error) {
	s, err := plotter.NewScatter(points(ms))
	if err != nil {
		return nil, err
	}
	s.GlyphStyle = draw.GlyphStyle{Shape: shape, Color: c, Radius: radius}
	return s, nil
}

func errorBars(ms []mark, c color.Color) (*plotter.YErrorBars, error) {
	errs := make(plotter.YErrors, len(ms))
	for i, m := range ms {
		errs[i].Low, errs[i].High = m.se, m.se
	}
	b, err := plotter.NewYErrorBars(struct {
		plotter.XYs
		plotter.YErrors
	}{points(ms), errs})
	if err != nil {
		return nil, err
	}
	b.Color, b.Width, b.CapWidth = c, vg.Points(1), vg.Points(6)
	return b, nil
}

func labels(ms []mark, align text.XAlignment, offset vg.Point) (*plotter.Labels, error) {
	l, err := plotter.NewLabels(plotter.XYLabels{XYs: points(ms), Labels: mapped(ms, func(m mark) string { return m.name })})
	if err != nil {
		return nil, err
	}
	for i := range l.TextStyle {
		l.TextStyle[i] = text.Style{Color: baselineColor, Font: sans(11), XAlign: align, Handler: plot.DefaultTextHandler}
	}
	l.Offset = offset
	return l, nil
}

func points(ms []mark) plotter.XYs {
	return mapped(ms, func(m mark) plotter.XY { return plotter.XY{X: m.x, Y: m.y} })
}

// sans returns the font of the chart. Other fonts of a reader's SVG viewer may stand in for it.
func sans(size vg.Length) font.Font {
	return font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
}

// roundTicks marks multiples of 1, 2 or 5 times a power of ten, between four and nine of them, with
// no more decimals than they need.
type roundTicks struct{}

// Ticks implements plot.Ticker.
func (roundTicks) Ticks(low, high float64) []plot.Tick {
	const most = 9
	power := math.Floor(math.Log10((high - low) / most))
	step := math.Pow(10, power)
	for _, m := range []float64{1, 2, 5, 10} {
		if step = m * math.Pow(10, power); (high-low)/step <= most {
			break
		}
	}
	places := int(math.Max(0, -math.Floor(math.Log10(step)+1e-9)))
	var ticks []plot.Tick
	for i := math.Ceil(low / step); i*step <= high; i++ {
		ticks = append(ticks, plot.Tick{Value: i * step, Label: strconv.FormatFloat(i*step, 'f', places, 64)})
	}
	return ticks
}

// downGlyph is a filled triangle that points down, with its point on the data.
type downGlyph struct{}

// DrawGlyph implements draw.GlyphDrawer.
func (downGlyph) DrawGlyph(c *draw.Canvas, s draw.GlyphStyle, pt vg.Point) {
	c.SetColor(s.Color)
	var path vg.Path
	path.Move(pt)
	path.Line(vg.Point{X: pt.X - s.Radius, Y: pt.Y + 2*s.Radius})
	path.Line(vg.Point{X: pt.X + s.Radius, Y: pt.Y + 2*s.Radius})
	path.Close()
	c.Fill(path)
}
