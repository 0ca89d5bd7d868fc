package accel

import (
	"strings"
	"testing"
)

// good is a complete file; the tests below break it in one place each.
const good = `name: chip
technology:
  node: 22 nm
clock: 800 MHz
array:
  rows: 16
  cols: 16
  dataflow: weight-stationary
  accumulator:
    capacity: 4 KiB
    width: 32 bit
    energy: 0.05 pJ/bit
precision:
  modes:
    - {weight: 8 bit, activation: 8 bit, energy: 0.2 pJ}
    - {weight: 4 bit, activation: 4 bit, throughput: 4, energy: 0.05 pJ}
vector:
  lanes: 16
  energy: 0.1 pJ
memories:
  - name: sram
    capacity: 64 KiB
    banks: 4
    port_width: 128 bit
    read: 0.1 pJ/bit
    holds: [weights, inputs, outputs]
dram:
  bandwidth: 6.4 GB/s
  latency: 100 ns
  burst: 32 B
  capacity: 1 GiB
  read: 8 pJ/bit
`

func TestGood(t *testing.T) {
	a, err := Parse("good.yaml", []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	m := a.Memories[0]
	if m.Write != m.Read || a.DRAM.Write != a.DRAM.Read || a.DRAM.Efficiency != 1 || a.DMA.Channels != 1 ||
		a.Precision.Modes[0].Throughput != 1 || a.Precision.ChangeUnit != ChangePerLayer || m.Packing != PackExact {
		t.Errorf("defaults of a file without optional keys: %+v", a)
	}
	for _, c := range []struct{ name, text string }{
		{"Windows line ends", strings.ReplaceAll(good, "\n", "\r\n")},
		{"byte order mark", "\ufeff" + good},
		{"document marks", "---\n" + good + "...\n"},
		{"quoted values", strings.Replace(good, "800 MHz", `"800 MHz"`, 1)},
	} {
		if _, err := Parse("good.yaml", []byte(c.text)); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestFindings(t *testing.T) {
	for _, c := range []struct {
		name     string
		old, new string
		want     string // the whole rendering, or its beginning where it ends in "..."
	}{
		{"power of two", "banks: 4", "banks: 12", `chip.yaml:23:12: error: memories[0].banks must be a power of two, got 12
   23 |     banks: 12
      |            ^^ did you mean 8 or 16?`},
		{"unknown key", "  rows: 16", "  rwos: 16", `chip.yaml:6:3: error: unknown key ` + "`rwos`" + ` in array
    6 |   rwos: 16
      |   ^^^^ did you mean ` + "`rows`?"},
		{"key of another section", "clock: 800 MHz", "clock: 800 MHz\ncols: 3", `chip.yaml:5:1: error: unknown key ` + "`cols`" + `
    5 | cols: 3
      | ^^^^ it belongs under ` + "`array`"},
		{"missing key of the file", "clock: 800 MHz\n", "", `chip.yaml:1:1: error: missing key ` + "`clock`" + `
    1 | name: chip
      | ^^^^ add ` + "`clock: 800 MHz`"},
		{"missing section", "vector:\n  lanes: 16\n  energy: 0.1 pJ\n", "", `chip.yaml:1:1: error: missing key ` + "`vector`..."},
		{"missing key of an element", "    capacity: 64 KiB\n", "", `chip.yaml:21:5: error: memories[0] lacks the key ` + "`capacity`..."},
		{"number for a mapping", "technology:\n  node: 22 nm", "technology: 22 nm", `chip.yaml:2:1: error: technology must be a mapping of keys, got "22 nm"
    2 | technology: 22 nm
      | ^^^^^^^^^^ its keys are ` + "`node`, `supply`, `devices`, `leakage`, `running` and `area`"},
		{"mapping for a number", "clock: 800 MHz", "clock: {f: 1}", `chip.yaml:4:1: error: clock must be one value, got a mapping...`},
		{"list for a number", "clock: 800 MHz", "clock: [1]", `chip.yaml:4:1: error: clock must be one value, got a list...`},
		{"mapping for a list", "  - name: sram\n", "    name: sram\n", `chip.yaml:20:1: error: memories must be a list, got a mapping...`},
		{"no elements", "  modes:\n    - {weight: 8 bit, activation: 8 bit, energy: 0.2 pJ}\n    - {weight: 4 bit, activation: 4 bit, throughput: 4, energy: 0.05 pJ}", "  modes: []",
			`chip.yaml:14:3: error: precision.modes must have 1 to 256 elements, got 0...`},
		{"text for a whole number", "rows: 16", "rows: many", `chip.yaml:6:9: error: array.rows must be a whole number, got "many"
    6 |   rows: many
      |         ^^^^ write digits only, for example 16`},
		{"fraction for a whole number", "rows: 16", "rows: 16.5", `chip.yaml:6:9: error: array.rows must be a whole number, got "16.5"...`},
		{"no value", "rows: 16", "rows:", `chip.yaml:6:3: error: array.rows must be one value, got nothing
    6 |   rows:
      |   ^^^^ write for example ` + "`rows: 16`"},
		{"unknown unit", "800 MHz", "800 Mhz", `chip.yaml:4:8: error: clock: unknown unit "Mhz"
    4 | clock: 800 Mhz
      |        ^^^^^^^ did you mean MHz? a frequency is written in GHz, MHz, kHz or Hz`},
		{"width without unit", "port_width: 128 bit", "port_width: 128", `chip.yaml:24:17: error: memories[0].port_width: "128" lacks a unit
   24 |     port_width: 128
      |                 ^^^ write for example 8 bit`},
		{"missing key", "  rows: 16\n", "", `chip.yaml:5:1: error: array lacks the key ` + "`rows`" + `
    5 | array:
      | ^^^^^ add ` + "`rows: 16`"},
		{"missing unit", "800 MHz", "800", `chip.yaml:4:8: error: clock: "800" lacks a unit
    4 | clock: 800
      |        ^^^ a frequency is written in GHz, MHz, kHz or Hz`},
		{"negative", "64 KiB", "-64 KiB", `chip.yaml:22:15: error: memories[0].capacity: a size cannot be negative, got "-64 KiB"...`},
		{"zero", "64 KiB", "0 KiB", `chip.yaml:22:15: error: memories[0].capacity must be above zero, got 0 KiB...`},
		{"negative count", "rows: 16", "rows: -16", `chip.yaml:6:9: error: array.rows must be from 1 to 4096, got -16...`},
		{"out of range", "800 MHz", "800 kHz", `chip.yaml:4:8: error: clock must be from 1 MHz to 10 GHz, got 800 kHz...`},
		{"width out of range", "weight: 8 bit", "weight: 64 bit", `chip.yaml:15:16: error: precision.modes[0].weight must be from 1 bit to 32 bit, got 64 bit...`},
		{"half a bit", "weight: 8 bit", "weight: 7.5 bit", `chip.yaml:15:16: error: precision.modes[0].weight must be a whole number of bits, got "7.5 bit"...`},
		{"port of odd width", "port_width: 128 bit", "port_width: 100 bit", `chip.yaml:24:17: error: memories[0].port_width must be a multiple of 8 bit, got 100 bit
   24 |     port_width: 100 bit
      |                 ^^^^^^^ did you mean 96 bit or 104 bit?`},
		{"share above one", "latency: 100 ns", "efficiency: 80\n  latency: 100 ns", `chip.yaml:29:15: error: dram.efficiency must be above 0 and at most 1, got 80...`},
		{"no number", "latency: 100 ns", "efficiency: .inf\n  latency: 100 ns", `chip.yaml:29:15: error: dram.efficiency must be a number without a unit, got ".inf"...`},
		{"misspelt value", "weight-stationary", "weight_stationery", `chip.yaml:8:13: error: array.dataflow has the unknown value "weight_stationery"
    8 |   dataflow: weight_stationery
      |             ^^^^^^^^^^^^^^^^^ did you mean weight-stationary? the values are weight-stationary, output-stationary, input-stationary, unrolled or row-stationary`},
		{"other flag words", "dataflow: weight-stationary", "dataflow: weight-stationary\n  weight_double_buffered: yes", `chip.yaml:9:27: error: array.weight_double_buffered must be true or false, got "yes"...`},
		{"unknown operand", "[weights, inputs, outputs]", "[weights, input, outputs]", `chip.yaml:26:22: error: memories[0].holds has the unknown value "input"
   26 |     holds: [weights, input, outputs]
      |                      ^^^^^ did you mean inputs? the values are weights, inputs or outputs`},
		{"operand twice", "[weights, inputs, outputs]", "[weights, inputs, weights]", `chip.yaml:26:30: error: memories[0].holds lists weights twice...`},
		{"nothing held", "[weights, inputs, outputs]", "[]", `chip.yaml:26:5: error: memories[0].holds must not be empty...`},
		{"duplicate key", "cols: 16", "cols: 16\n  rows: 8", `chip.yaml:8:3: error: key ` + "`rows`" + ` is given twice
    8 |   rows: 8
      |   ^^^^ remove it or line 6`},
		{"anchor", "rows: 16", "rows: &n 16", `chip.yaml:6:3: error: array.rows must be one value, got an anchor or alias, which accelerator files do not use...`},
		{"tag", "rows: 16", "rows: !!int 16", `chip.yaml:6:3: error: array.rows must be one value, got a tag, which accelerator files do not use...`},
		{"empty name", "name: chip", `name: ""`, `chip.yaml:1:7: error: name must not be empty...`},
		{"control character", "name: chip", `name: "a\tb"`, `chip.yaml:1:7: error: name has the unprintable character U+0009...`},

		{"narrow accumulator", "width: 32 bit", "width: 12 bit", `chip.yaml:11:12: error: array.accumulator.width of 12 bit cannot hold a product of precision.modes[0], 8 bit x 8 bit
   11 |     width: 12 bit
      |            ^^^^^^ write at least 16 bit; 32 bit is usual`},
		{"small accumulator", "capacity: 4 KiB", "capacity: 63 B", `chip.yaml:10:15: error: array.accumulator.capacity of 63 B cannot hold one partial sum of 32 bit for each of 16 columns
   10 |     capacity: 63 B
      |               ^^^^ write at least 64 B`},
		{"no native mode", "{weight: 4 bit, activation: 4 bit", "{weight: 4 bit, activation: 16 bit", `chip.yaml:14:3: error: precision.modes has no native mode for conv layers: none is 8 bit x 16 bit, the widest of both operands...`},
		{"no mode for a kind", "{weight: 8 bit, activation: 8 bit, energy: 0.2 pJ}\n    - {weight: 4 bit, activation: 4 bit, throughput: 4, energy: 0.05 pJ}", "{weight: 8 bit, activation: 8 bit, operator: conv, energy: 0.2 pJ}",
			`chip.yaml:14:3: error: precision.modes has no mode for depthwise layers
   14 |   modes:
      |   ^^^^^ add a mode with ` + "`operator: depthwise` or with `operator: any`"},
		{"mode twice", "{weight: 4 bit, activation: 4 bit, throughput: 4, energy: 0.05 pJ}", "{weight: 8 bit, activation: 8 bit, energy: 0.1 pJ}",
			`chip.yaml:16:16: error: the 8 bit x 8 bit any mode is given twice...`},
		{"useless mode", "throughput: 4, energy: 0.05 pJ", "throughput: 4, energy: 0.3 pJ",
			`chip.yaml:16:16: error: the 4 bit x 4 bit any mode (throughput 4, 0.3 pJ) is worse than the wider 8 bit x 8 bit any mode (throughput 1, 0.2 pJ)...`},
		{"words do not fill the memory", "capacity: 64 KiB", "capacity: 1000 B", `chip.yaml:22:15: error: memories[0].capacity of 1 kB is not a whole number of words: 4 banks x 128 bit = 64 B
   22 |     capacity: 1000 B
      |               ^^^^^^ did you mean 960 B or 1 KiB?`},
		{"memory below one tile", "capacity: 64 KiB", "capacity: 256 B", `chip.yaml:22:15: error: memories[0].capacity of 256 B cannot hold one tile of [weights, inputs, outputs] for a 16 x 16 array
   22 |     capacity: 256 B
      |               ^^^^^ write at least 288 B`},
		{"homeless operand", "[weights, inputs, outputs]", "[weights, inputs]", `chip.yaml:20:1: error: no memory holds [outputs]...`},
		{"same name", "dram:\n", "  - {name: sram, capacity: 1 KiB, port_width: 64 bit, read: 1 pJ/bit}\ndram:\n", `chip.yaml:27:12: error: memories[0] and memories[1] are both named sram...`},
		{"claim without evidence", "name: chip", "name: chip\nstatus: validated", `chip.yaml:2:9: error: status is validated, but nothing says against what...`},
		{"supply beyond the rule", "node: 22 nm", "node: 22 nm\n  supply: 0.4 V", `chip.yaml:4:11: error: technology.supply must be from 0.6 V to 1.5 V, got 0.4 V...`},
		{"nothing to derive from", "node: 22 nm", "node: 5 nm", `chip.yaml:2:1: error: technology lacks the key ` + "`leakage`" + `, and a node of 5 nm is outside the published scaling of 7 to 130 nm
    2 | technology:
      | ^^^^^^^^^^ add ` + "`leakage: 5 mW`"},
		{"stated energy above the derived", "energy: 0.2 pJ}\n    - {weight: 4 bit, activation: 4 bit, throughput: 4, energy: 0.05 pJ", "throughput: 1}\n    - {weight: 4 bit, activation: 4 bit, throughput: 4, energy: 0.15 pJ",
			`chip.yaml:16:16: error: the 4 bit x 4 bit any mode (throughput 4, 0.15 pJ) is worse than the wider 8 bit x 8 bit any mode (throughput 1, 0.08...`},
		{"evidence without claim", "name: chip", "name: chip\nvalidation: 3 % on 5 rows", `chip.yaml:2:13: error: validation is given, but status is estimated...`},
		{"packing on a systolic array", "dataflow: weight-stationary", "dataflow: weight-stationary\n  winograd: true",
			`chip.yaml:9:13: error: array.winograd is for unrolled arrays, but array.dataflow is weight-stationary
    9 |   winograd: true
      |             ^^^^ write ` + "`dataflow: unrolled`, or remove the key"},
		{"granules of taps", "dataflow: weight-stationary", "dataflow: unrolled\n  channel_granule: 4",
			`chip.yaml:9:20: error: array.channel_granule is for rows of channels, but array.reduction is window...`},
		{"granules that do not fill", "dataflow: weight-stationary", "dataflow: unrolled\n  reduction: channels\n  channel_granule: 3",
			`chip.yaml:10:20: error: array.channel_granule of 3 does not divide the 16 rows and 16 columns...`},
		{"images beyond the granule", "dataflow: weight-stationary", "dataflow: unrolled\n  reduction: channels\n  channel_granule: 4\n  image_channels: 8",
			`chip.yaml:11:19: error: array.image_channels of 8 is more than the granule of 4 channels...`},
		{"rows without scratchpads", "dataflow: weight-stationary", "dataflow: row-stationary\n  row_stationary: {filter_words: 224, input_words: 12}",
			`chip.yaml:9:3: error: a row-stationary array needs array.row_stationary.sum_words
    9 |   row_stationary: {filter_words: 224, input_words: 12}
      |   ^^^^^^^^^^^^^^ write the words of one PE, for example 24`},
		{"scratchpads without rows", "dataflow: weight-stationary", "dataflow: weight-stationary\n  row_stationary: {sum_words: 24}",
			`chip.yaml:9:31: error: array.row_stationary.sum_words is for row-stationary arrays, but array.dataflow is weight-stationary...`},
		{"two ways to overlap", "port_width: 128 bit", "port_width: 128 bit\n    double_buffered: true\n    ring: true",
			`chip.yaml:26:11: error: memories[0] is both a ring and double-buffered...`},

		{"syntax", "  dataflow: weight-stationary", "  dataflow: [weight-stationary", "chip.yaml:9:3: error: not YAML here: ',' or ']' must be specified..."},
		{"bad indentation", "  cols: 16", "    cols: 16", `chip.yaml:6:9: error: not YAML here: ...`},
		{"tabs", "  rows: 16\n  cols: 16", "\trows: 16\n \tcols: 16", `chip.yaml:6:1: error: a tab indents this line
    6 |  rows: 16
      | ^ YAML is indented with spaces
chip.yaml:7:2: error: a tab indents this line
    7 |   cols: 16
      |  ^ YAML is indented with spaces`},
		{"second document", "dram:\n", "---\ndram:\n", `chip.yaml:28:1: error: a second YAML document begins here...`},
		{"Latin 1", "name: chip", "name: \xfcchip", `chip.yaml:1:7: error: byte 0xfc is not UTF-8 text
    1 | name:  chip
      |       ^ save the file as UTF-8`},
		{"NUL", "name: chip", "name: a\x00", `chip.yaml:1:8: error: byte 0x00 is not UTF-8 text...`},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(good, c.old, c.new, 1)
			if text == good {
				t.Fatalf("the good file has no %q", c.old)
			}
			_, err := Parse("chip.yaml", []byte(text))
			compare(t, err, c.want)
		})
	}
}

func TestFindingsOfOddFiles(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "chip.yaml:1:1: error: the file is empty\n      | start from the text of a preset: bitfusion-16x32, edge-npu..."},
		{"comments only", "# a\n\n# b\n", "chip.yaml:1:1: error: the file is empty..."},
		{"a word", "hello", "chip.yaml:1:1: error: the file must be a mapping of keys, got \"hello\"..."},
		{"a list", "- a\n- b\n", "chip.yaml:1:1: error: the file must be a mapping of keys, got a list..."},
		{"UTF-16", "\xff\xfen\x00a\x00", "chip.yaml:1:1: error: byte 0xff is not UTF-8 text..."},
		{"deep", strings.Repeat("[", 100000), "chip.yaml:1:33: error: the file nests too deeply..."},
		{"deep sequences", strings.Repeat("- ", 100000), "chip.yaml:1:2049: error: the file nests too deeply..."},
		{"merge", "<<: {a: 1}", "chip.yaml:1:1: error: merge keys are not read in accelerator files..."},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("chip.yaml", []byte(c.text))
			compare(t, err, c.want)
		})
	}
}

func compare(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	got := err.Error()
	if begin, open := strings.CutSuffix(want, "..."); open && strings.HasPrefix(got, begin) || got == want {
		return
	}
	t.Errorf("got:\n%s\nwant:\n%s", got, want)
}

// TestAllAtOnce wants every mistake of a file in one run, in the order of the file, and no
// follow-up about values that could not be read.
func TestAllAtOnce(t *testing.T) {
	text := strings.NewReplacer(
		"name: chip", "nam: chip",
		"800 MHz", "800 M",
		"rows: 16", "rows: 0",
		"width: 32 bit", "width: 8 bit",
		"banks: 4", "banks: 3",
		"burst: 32 B", "burst: 33 B\n  speed: 3",
	).Replace(good)
	_, err := Parse("chip.yaml", []byte(text))
	found, ok := err.(Findings)
	if !ok {
		t.Fatalf("error is a %T", err)
	}
	var got []string
	for _, f := range found {
		got = append(got, f.Message)
	}
	want := []string{
		"unknown key `nam`",
		`clock: unknown unit "M"`,
		"array.rows must be from 1 to 4096, got 0",
		"array.accumulator.width of 8 bit cannot hold a product of precision.modes[0], 8 bit x 8 bit",
		"memories[0].banks must be a power of two, got 3",
		"dram.burst must be a power of two, got 33 B",
		"unknown key `speed` in dram",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("findings:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestLongLine wants the caret under the value also where the line is cut.
func TestLongLine(t *testing.T) {
	f := Finding{File: "f", Line: 1, Column: 301, Width: 4, Message: "m", Excerpt: strings.Repeat("x", 300) + "HERE" + strings.Repeat("y", 300)}
	lines := strings.Split(f.String(), "\n")
	at := strings.Index(lines[1], "HERE")
	if at < 0 || lines[2][at:] != "^^^^" || len(lines[1]) > maxExcerpt+8 {
		t.Errorf("excerpt of a long line:\n%s", f)
	}
}

// FuzzParse wants a value or findings for any text, never a panic.
func FuzzParse(f *testing.F) {
	f.Add([]byte(good))
	for _, name := range Presets() {
		text, _ := PresetText(name)
		f.Add(text)
	}
	for _, s := range []string{"a: |\n  b\n c: d", "? [a]\n: {b: *c}", "- - a: &b !!str c\n", "{a: b, c", "\"\\x\": 1", "%TAG ! x\n---\na"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		a, err := Parse("f.yaml", text)
		if (a == nil) == (err == nil) {
			t.Fatalf("Parse = %v, %v", a, err)
		}
		if err != nil && err.Error() == "" {
			t.Fatal("findings without text")
		}
	})
}
