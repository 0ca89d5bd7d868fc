package accel

import (
	"fmt"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"dse/accel/technology"
	"dse/accel/unit"
)

// TestFormatRoundTrip is the promise of Format: nothing is lost, sources included.
func TestFormatRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawAccelerator(t)
		text := Format(want)
		got, err := Parse("drawn.yaml", text)
		if err != nil {
			t.Fatalf("%s\n%v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("read back differently (-want +got):\n%s\nfrom:\n%s", diff, text)
		}
		if again := Format(got); string(again) != string(text) {
			t.Fatalf("canonical form is not stable:\n%s\n%s", text, again)
		}
	})
}

// TestFormatPresets wants presets to survive printing, and their modes to stay one to a line.
func TestFormatPresets(t *testing.T) {
	for _, name := range Presets() {
		want, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		text := Format(want)
		got, err := Parse(name, text)
		if err != nil {
			t.Fatal(err)
		}
		// A mode's comment covers every key on its line, the default ones too that are not written.
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("preset %s (-want +got):\n%s", name, diff)
		}
		if lines := strings.Count(string(text), "    - {weight: "); lines != len(want.Precision.Modes) {
			t.Errorf("preset %s: %d modes on a line of their own, want %d:\n%s", name, lines, len(want.Precision.Modes), text)
		}
	}
}

func TestRows(t *testing.T) {
	a, err := Load("gemmini-16x16")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]Row{
		"array.rows":                {"array.rows", "16", "Gemmini Configs.scala: mesh 16 x 16, tile 1 x 1"},
		"memories[0].holds":         {"memories[0].holds", "[weights, inputs, outputs]", ""},
		"precision.modes[0].energy": {"precision.modes[0].energy", "0.3 pJ", "8-bit multiplication 0.2 pJ plus 32-bit addition 0.1 pJ, Horowitz, ISSCC 2014, 45 nm"},
		"array.accumulator.width":   {"array.accumulator.width", "32 bit", "Gemmini Configs.scala"},
	}
	for _, row := range Rows(a) {
		if w, ok := want[row.Key]; ok {
			if row != w {
				t.Errorf("row %+v, want %+v", row, w)
			}
			delete(want, row.Key)
		}
		if row.Key == "validation" {
			t.Errorf("an empty text has the row %+v", row)
		}
	}
	for key := range want {
		t.Errorf("no row for %s", key)
	}
}

// drawAccelerator draws a value that the checks of Parse accept.
func drawEngines(t *rapid.T) Engines {
	cycles := func(name string) unit.Cycles { return unit.Cycles(rapid.IntRange(0, 1e6).Draw(t, name)) }
	e := Engines{
		PassesInFlight: rapid.IntRange(1, 4096).Draw(t, "passes"), PassLatency: cycles("pass"), LeastPass: cycles("least"),
		Sharpness: rapid.Float64Range(1, 100).Draw(t, "sharpness"), BusEfficiency: rapid.Float64Range(0.01, 1).Draw(t, "bus efficiency"),
		InFlight: rapid.IntRange(1, 4096).Draw(t, "in flight"), HitLatency: cycles("hit"), MissLatency: cycles("miss"), JumpLatency: cycles("jump"),
		WriteLatency: cycles("write"), WriteMissLatency: cycles("write miss"), WriteConflict: cycles("conflict"),
		TileSetup: cycles("tile"), ProductSetup: cycles("product"), TilingStep: cycles("tiling"), CacheWays: rapid.IntRange(1, 16).Draw(t, "ways"),
	}
	if rapid.Bool().Draw(t, "engines") {
		e.Bus = 8 << rapid.IntRange(0, 5).Draw(t, "bus")
		e.Request = unit.Bytes(e.Bus / 8 << rapid.IntRange(0, 3).Draw(t, "request"))
		e.Cache = e.Request * unit.Bytes(e.CacheWays<<rapid.IntRange(0, 10).Draw(t, "sets"))
	}
	return e
}

func drawAccelerator(t *rapid.T) *Accelerator {
	native := Mode{
		Weight:     rapid.IntRange(2, 32).Draw(t, "weight"),
		Activation: rapid.IntRange(2, 32).Draw(t, "activation"),
		Throughput: drawAbove(t, "throughput", 512),
		Energy:     unit.Picojoule(drawAbove(t, "mac", 100)),
	}
	a := &Accelerator{
		Name:        drawText(t, "name", 1),
		Description: drawText(t, "description", 0),
		Technology: Technology{
			NodeNM: rapid.IntRange(1, 250).Draw(t, "node"), Devices: technology.Devices(rapid.IntRange(0, 1).Draw(t, "devices")),
			Leakage: unit.Milliwatt(drawFrom0(t, "leakage")), Area: drawArea(t),
			Running: unit.Milliwatt(drawFrom0(t, "running")), Supply: unit.Volt(rapid.SampledFrom([]float64{0, 0.6, 0.85, 1.5}).Draw(t, "supply")),
		},
		Clock: unit.Hertz(rapid.Float64Range(1e6, 1e10).Draw(t, "clock")),
		Array: Array{
			Rows:                 rapid.IntRange(1, 64).Draw(t, "rows"),
			Cols:                 rapid.IntRange(1, 64).Draw(t, "cols"),
			Dataflow:             Dataflow(rapid.IntRange(0, 4).Draw(t, "dataflow")),
			WeightDoubleBuffered: rapid.Bool().Draw(t, "double"),
			Area:                 drawArea(t),
			Accumulator: Accumulator{
				Capacity: unit.Bytes(rapid.Int64Range(4096, 1<<40).Draw(t, "acc")),
				Width:    rapid.IntRange(64, 128).Draw(t, "width"),
				Energy:   unit.PicojoulePerBit(drawFrom0(t, "acc energy")),
				Area:     drawArea(t),
			},
		},
		Precision: PrecisionTable{ChangeUnit: ChangeUnit(rapid.IntRange(0, 2).Draw(t, "change")), Modes: []Mode{native}},
		Vector: Vector{
			Lanes: rapid.IntRange(1, 65536).Draw(t, "lanes"), PoolLanes: rapid.IntRange(0, 65536).Draw(t, "pool lanes"),
			Outputs: rapid.Bool().Draw(t, "outputs"), AddOperations: rapid.IntRange(1, 64).Draw(t, "add operations"),
			SeparateAdd: rapid.Bool().Draw(t, "separate add"), Energy: unit.Picojoule(drawFrom0(t, "lane")),
		},
		DRAM: DRAM{
			Device:     drawText(t, "device", 0),
			Timing:     drawText(t, "timing", 0),
			Bandwidth:  unit.BytesPerSecond(drawAbove(t, "bandwidth", 1e12)),
			Efficiency: drawAbove(t, "efficiency", 1),
			Latency:    unit.Nanosecond(rapid.Float64Range(0, 1e6).Draw(t, "latency")),
			Burst:      1 << rapid.IntRange(0, 12).Draw(t, "burst"),
			Capacity:   unit.Bytes(rapid.Int64Range(1, 1<<62).Draw(t, "dram")),
			Read:       unit.PicojoulePerBit(drawAbove(t, "dram read", 100)),
			Write:      unit.PicojoulePerBit(drawAbove(t, "dram write", 100)),
			Row:        1 << rapid.IntRange(0, 20).Draw(t, "row"),
			Activate:   unit.Picojoule(drawFrom0(t, "activate")),
			Background: unit.Milliwatt(drawFrom0(t, "background")),
		},
		DMA:  DMA{Channels: rapid.IntRange(1, 1024).Draw(t, "channels"), Setup: unit.Cycles(rapid.Int64Range(0, 1e9).Draw(t, "setup"))},
		Host: Host{LayerSetup: unit.Cycles(rapid.Int64Range(0, 1e9).Draw(t, "layer")), InferenceSetup: unit.Cycles(rapid.Int64Range(0, 1e12).Draw(t, "once")), SharesMemory: rapid.Bool().Draw(t, "shares"), Power: unit.Milliwatt(drawFrom0(t, "host"))},
	}
	a.Engines = drawEngines(t)
	a.Array.Positions = Positions{1, 1}
	a.Array.Reduction = Reduction(rapid.IntRange(0, 1).Draw(t, "reduction"))
	a.Array.RowStationary = RowStationaryPEs{SumWidth: 16, InputBus: 16, Batch: 1}
	switch a.Array.Dataflow {
	case RowStationary:
		a.Array.RowStationary = RowStationaryPEs{
			FilterWords: rapid.IntRange(1, 300).Draw(t, "filter words"), InputWords: rapid.IntRange(1, 30).Draw(t, "input words"),
			SumWords: rapid.IntRange(1, 30).Draw(t, "sum words"), SumWidth: rapid.IntRange(2, 32).Draw(t, "sum width"), InputBus: rapid.IntRange(1, 64).Draw(t, "input bus"),
			PassOverhead: unit.Cycles(rapid.IntRange(0, 999).Draw(t, "pass overhead")), Batch: rapid.IntRange(1, 16).Draw(t, "batch"),
		}
	case Unrolled:
		a.Array.Winograd = rapid.Bool().Draw(t, "winograd")
		a.Array.StrideExtension = rapid.Bool().Draw(t, "stride extension")
		if a.Array.Reduction == ReduceChannels && a.Array.Rows%4 == 0 && a.Array.Cols%4 == 0 {
			a.Array.ChannelGranule, a.Array.ImageChannels = 4, rapid.IntRange(0, 4).Draw(t, "image channels")
		}
		a.Array.Positions = Positions{rapid.IntRange(1, 2).Draw(t, "height"), rapid.IntRange(1, 2).Draw(t, "width")}
		a.Array.DepthwiseLanes = rapid.IntRange(0, 8).Draw(t, "lanes")
		a.Array.StepCycles = unit.Cycles(rapid.IntRange(1, 1024).Draw(t, "step"))
		a.Array.BlockChannels = rapid.IntRange(0, 200).Draw(t, "block")
		a.Array.FoldOverhead = unit.Cycles(rapid.IntRange(0, 100).Draw(t, "overhead"))
	}
	a.DRAM.RunLength = RunLength{rapid.IntRange(0, 8).Draw(t, "run"), rapid.Float64Range(0, 1).Draw(t, "zeros")}
	if rapid.Bool().Draw(t, "validated") {
		a.Status, a.Validation = Validated, drawText(t, "validation", 1)
	}
	a.Array.StepCycles = max(1, a.Array.StepCycles)
	if rapid.Bool().Draw(t, "second mode") {
		narrow := native
		narrow.Weight--
		narrow.Throughput *= 2
		a.Precision.Modes = append(a.Precision.Modes, narrow)
	}
	if rapid.Bool().Draw(t, "own mode") {
		own := native
		own.Operator = OperatorKind(rapid.IntRange(1, 4).Draw(t, "operator"))
		a.Precision.Modes = append(a.Precision.Modes, own)
	}
	for i := range rapid.IntRange(1, 3).Draw(t, "memories") {
		a.Memories = append(a.Memories, drawMemory(t, i))
	}
	drawSources(t, a)
	return a
}

func drawMemory(t *rapid.T, i int) Memory {
	m := Memory{
		Name:           fmt.Sprintf("%d%s", i, drawText(t, "memory", 1)),
		Banks:          1 << rapid.IntRange(0, 10).Draw(t, "banks"),
		PortWidth:      8 * rapid.IntRange(1, 1024).Draw(t, "port"),
		Read:           unit.PicojoulePerBit(drawAbove(t, "read", 100)),
		Write:          unit.PicojoulePerBit(drawAbove(t, "write", 100)),
		Area:           drawArea(t),
		Holds:          Operand(rapid.IntRange(1, 7).Draw(t, "holds")),
		DoubleBuffered: rapid.Bool().Draw(t, "double"),
		Packing:        Packing(rapid.IntRange(0, 1).Draw(t, "packing")),
		Transient:      rapid.Bool().Draw(t, "transient"),
		Flushed:        rapid.Bool().Draw(t, "flushed"),
	}
	m.Ring = !m.DoubleBuffered && rapid.Bool().Draw(t, "ring")
	if i == 0 {
		m.Holds = Weights | Inputs | Outputs
	}
	// The largest array drawn takes 64 x 64 x 32 bit three times over, twice for two buffers.
	row := unit.Bytes(m.Banks * m.PortWidth / 8)
	m.Capacity = (100_000/row + unit.Bytes(rapid.IntRange(1, 1000).Draw(t, "words"))) * row
	return m
}

// drawSources gives some keys a comment.
func drawSources(t *rapid.T, a *Accelerator) {
	a.Sources = map[string]string{}
	for _, row := range Rows(a) {
		if rapid.IntRange(0, 2).Draw(t, "sourced") == 0 {
			a.Sources[row.Key] = drawText(t, "source", 1)
		}
	}
	if rapid.Bool().Draw(t, "same source for a mode") {
		for _, key := range modeKeys.names() {
			a.Sources["precision.modes[0]."+key] = "shared"
		}
	}
}

func drawAbove(t *rapid.T, label string, most float64) float64 {
	return rapid.Float64Range(1e-9, most).Draw(t, label)
}

func drawFrom0(t *rapid.T, label string) float64 { return rapid.Float64Range(0, 1e9).Draw(t, label) }

func drawArea(t *rapid.T) unit.SquareMillimetre {
	return unit.SquareMillimetre(drawAbove(t, "area", 1000))
}

// drawText draws what the text kind accepts, with a taste for what YAML treats specially.
func drawText(t *rapid.T, label string, least int) string {
	awkward := rapid.SampledFrom([]string{"null", "~", "true", "12", "1e3", "0x1F", "a: b", "a #b", "- x", "'", `"`, `\n`, "[1]", "{a}",
		"&a", "*a", "!t", "|", ">", "%d", "@x", "`", "---", "2020-01-01", ".inf", "é", "漢字", "a, b", "#x", "<<", "=", "?"})
	printable := rapid.StringOfN(rapid.RuneFrom(nil, unicode.PrintRanges...), least, 12, -1)
	text := strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return 'x' // PrintRanges is wider than IsPrint
	}, rapid.OneOf(awkward, printable).Draw(t, label))
	text = strings.TrimSpace(strings.TrimLeft(text, "#"))
	if text == "" && least > 0 {
		return "x"
	}
	return text
}
