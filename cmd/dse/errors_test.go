package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dse/accel"
)

// call runs a command line in this process.
func call(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	// Nothing here may get as far as training, which would take longer.
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	code = run(ctx, args, &out, &err)
	return code, out.String(), err.String()
}

// preset returns the text of edge-npu with a replacement.
func preset(t *testing.T, old, new string) string {
	t.Helper()
	text, ok := accel.PresetText("edge-npu")
	if !ok {
		t.Fatal("no preset edge-npu")
	}
	if !strings.Contains(string(text), old) {
		t.Fatalf("edge-npu has no %q", old)
	}
	return strings.Replace(string(text), old, new, 1)
}

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// idxFiles writes one of the two pairs of files of a data set of 28x28 images.
func idxFiles(t *testing.T, dir, name string, images, labels []byte) {
	t.Helper()
	header := func(v ...uint32) []byte {
		var b []byte
		for _, x := range v {
			b = binary.BigEndian.AppendUint32(b, x)
		}
		return b
	}
	n := uint32(len(labels))
	for file, raw := range map[string][]byte{
		"-images-idx3-ubyte.gz": append(header(0x803, n, 28, 28), images...),
		"-labels-idx1-ubyte.gz": append(header(0x801, n), labels...),
	} {
		var z bytes.Buffer
		w := gzip.NewWriter(&z)
		w.Write(raw)
		w.Close()
		write(t, dir, name+file, z.String())
	}
}

// Every mistake of the user ends with exit code 2, one clear message and nothing written.
func TestBadInput(t *testing.T) {
	for _, c := range []struct {
		name string
		args func(dir string) []string
		want []string // in the message
	}{
		{"unknown preset", func(string) []string { return []string{"--accel", "egde-npu"} }, []string{"egde-npu", "did you mean edge-npu"}},
		{"missing file", func(string) []string { return []string{"--accel", "no/such.yaml"} }, []string{"no/such.yaml"}},
		{"broken YAML, several findings", func(dir string) []string {
			text := preset(t, "rows: 16", "row: 16")
			text = strings.Replace(text, "capacity: 256 KiB", "capacity: 256 KeB", 1)
			return []string{"--accel", write(t, dir, "chip.yaml", text)}
		}, []string{"chip.yaml:", "did you mean", "rows", "KeB", "KiB"}},
		{"negative size", func(dir string) []string {
			return []string{"--accel", write(t, dir, "chip.yaml", preset(t, "capacity: 256 KiB", "capacity: -256 KiB"))}
		}, []string{"chip.yaml:", "-256 KiB"}},
		{"SRAM that holds no tile", func(dir string) []string {
			return []string{"--accel", write(t, dir, "chip.yaml", preset(t, "capacity: 256 KiB", "capacity: 256 B"))}
		}, []string{"chip.yaml:", "cannot hold", "at least"}},
		{"unknown model", func(string) []string { return []string{"--model", "rasnet18"} }, []string{"rasnet18", "did you mean resnet18?"}},
		{"untrainable model", func(string) []string { return []string{"--model", "squeezenet"} }, []string{"squeezenet", "only simulated", "concat"}},
		{"model for other images", func(string) []string { return []string{"--model", "resnet18-32-c10"} }, []string{"3x32x32", "1x28x28"}},
		{"missing data set", func(dir string) []string { return []string{"--data", filepath.Join(dir, "none")} }, []string{"none", "fashion-mnist"}},
		{"corrupted data set", func(dir string) []string {
			labels := bytes.Repeat([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 4)
			idxFiles(t, dir, "train", make([]byte, 784*40-1000), labels)
			idxFiles(t, dir, "t10k", make([]byte, 784*40), labels)
			return []string{"--data", dir}
		}, []string{"train-images-idx3-ubyte"}},
		{"limit that no design meets", func(string) []string { return []string{"--limit", "memory=4KiB"} }, []string{"no design can meet", "memory", "raise"}},
		{"limit on latency that no design meets", func(string) []string { return []string{"--limit", "latency=1ns"} }, []string{"no design can meet", "latency"}},
		{"unknown limit", func(string) []string { return []string{"--limit", "area=1mm2"} }, []string{"area=1mm2", "memory=64KiB"}},
		{"limit without unit", func(string) []string { return []string{"--limit", "memory=64"} }, []string{"memory=64", "KiB"}},
		{"unknown objective", func(string) []string { return []string{"--objectives", "memory,speed"} }, []string{"speed", "latency"}},
		{"one objective", func(string) []string { return []string{"--objectives", "memory"} }, []string{"two objectives"}},
		{"no end", func(string) []string { return []string{"--budget", "0s", "--evaluations", "0"} }, []string{"--budget", "--evaluations"}},
		{"no workers", func(string) []string { return []string{"--workers", "0"} }, []string{"--workers"}},
		{"no epochs", func(string) []string { return []string{"--epochs", "0"} }, []string{"epochs"}},
		{"unknown flag", func(string) []string { return []string{"--acel", "x"} }, []string{"--acel", "--help"}},
		{"stray argument", func(string) []string { return []string{"edge-npu"} }, []string{"edge-npu"}},
		{"folder below a file", func(dir string) []string {
			return []string{"--study", filepath.Join(write(t, dir, "file", ""), "study")}
		}, []string{"--study"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			args := append([]string{"run", "--evaluations", "1", "--study", filepath.Join(dir, "study")}, c.args(dir)...)
			code, stdout, stderr := call(t, args...)
			if code != exitUsage {
				t.Errorf("exit code %d, want %d", code, exitUsage)
			}
			if stdout != "" {
				t.Errorf("printed %q", stdout)
			}
			for _, w := range c.want {
				if !strings.Contains(stderr, w) {
					t.Errorf("message lacks %q:\n%s", w, stderr)
				}
			}
			if _, err := os.Stat(filepath.Join(dir, "study")); err == nil {
				t.Error("a study was made")
			}
		})
	}
}

func TestOtherCommandsBadInput(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"rum"}, "run"},
		{[]string{"sim", "--bits", "8"}, "WEIGHTS/ACTIVATIONS"},
		{[]string{"sim", "--bits", "0/8"}, "from 1 to 32"},
		{[]string{"sim", "--model", "x"}, "dse model list"},
		{[]string{"sim", "--fidelity", "exact"}, "analytical or event"},
		{[]string{"sim", "--mapper", "speed"}, "latency, energy, edp and traffic"},
		{[]string{"sim", "--mapper", "latency", "--fidelity", "event"}, "analytical"},
		{[]string{"sim", "--mapper", "latency", "--accel", "nvdla-large"}, "array.channel_granule"},
		{[]string{"sim", "--mapping", "/no/such/mapping"}, "/no/such/mapping"},
		{[]string{"bench", "sim", "--models", "mobilenetv9"}, "--models"},
		{[]string{"model", "show", "mobilenet-v2"}, "did you mean mobilenetv2?"},
		{[]string{"model", "show", "vgg16-0.5-s1"}, "cannot be chosen"},
		{[]string{"model", "show"}, "--help"},
		{[]string{"accel", "show", "edge"}, "edge-npu"},
		{[]string{"accel", "show"}, "--help"},
		{[]string{"validate", "--data", "/no/such/folder"}, "/no/such/folder"},
		{[]string{"validate", "--data", "."}, "scalesim"},
		{[]string{"accel", "check", "/no/such/file.yaml"}, "/no/such/file.yaml"},
	} {
		code, _, stderr := call(t, c.args...)
		if code != exitUsage || !strings.Contains(stderr, c.want) {
			t.Errorf("%v: exit code %d, message %q; want %d and %q", c.args, code, stderr, exitUsage, c.want)
		}
	}
}

// A mistyped device of DRAM timing is found by both fidelities, and so is one that contradicts the
// bandwidth.
func TestBadTiming(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"timing: lpddr4_3200_x16", "timing: lpddr4_3200_x61", "known are lpddr4_3200_x16"},
		{"timing: lpddr4_3200_x16", "timing: ddr4_2400_x16_bglo", "dram.burst is 32 B, a burst of dram.timing ddr4_2400_x16_bglo moves 16 B"},
		{"bandwidth: 6.4 GB/s", "bandwidth: 12.8 GB/s", "dram.timing lpddr4_3200_x16 has 6.4 GB/s"},
	} {
		chip := write(t, t.TempDir(), "chip.yaml", preset(t, c.old, c.new))
		for _, fidelity := range fidelities {
			code, _, stderr := call(t, "sim", "--accel", chip, "--fidelity", fidelity)
			if code != exitUsage || !strings.Contains(stderr, c.want) {
				t.Errorf("%s, %s: exit code %d, message %q; want %d and %q", c.new, fidelity, code, stderr, exitUsage, c.want)
			}
		}
	}
}

func TestShowsThings(t *testing.T) {
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"accel", "list"}, []string{"edge-npu", "estimated"}},
		{[]string{"accel", "list", "--json"}, []string{`"name": "edge-npu"`}},
		{[]string{"accel", "show", "edge-npu"}, []string{"256 KiB", "assumed", "area by cause", "derived: "}},
		{[]string{"accel", "show", "edge-npu", "--json"}, []string{`"area"`, `"cause": "sram"`, `"source": "assumed"`}},
		{[]string{"accel", "show", "edge-npu", "--yaml"}, []string{"name: edge-npu", "# assumed"}},
		{[]string{"sim", "--bits", "4/8"}, []string{"estimated", "ms", "binding: set-up", "18 by set-up"}},
		{[]string{"sim", "--layers"}, []string{"block1.1.depthwise", "estimated", "ms"}},
		{[]string{"sim", "--fidelity", "event"}, []string{"event-driven", "the analytical model says"}},
		{[]string{"sim", "--map"}, []string{"sram: at most", "# pinned weights", "block2.1.expand", "KiB"}},
		{[]string{"sim", "--fidelity", "event", "--json"}, []string{`"Fidelity": "event"`, `"Events":`, `"What": "tensor"`, `"Cycles":`}},
		{[]string{"model", "list"}, []string{"mobilenetv2-micro", "resnet18-224", "11689.5", "yes"}},
		{[]string{"model", "list", "--json"}, []string{`"name": "efficientnet-lite0"`, `"trainable": false`}},
		{[]string{"model", "show", "mobilenetv2-1.0-224"}, []string{"block7.1.depthwise", "433.8", "827.1", "150.5", "1280x7x7"}},
		{[]string{"model", "show", "squeezenet"}, []string{"concat", "only simulated"}},
		{[]string{"sim", "--model", "shufflenetv2-1.0", "--layers"}, []string{"block1.1.shuffle", "ms"}},
		{[]string{"validate"}, []string{"scalesim", "timeloop", "zigzag", "exact_dram"}},
		{[]string{"--help"}, []string{"dse run --accel edge-npu.yaml"}},
		{[]string{"run", "--help"}, []string{"--limit", "memory=64KiB"}},
	} {
		if c.args[0] == "validate" && testing.Short() {
			continue // replays millions of DRAM requests
		}
		code, stdout, stderr := call(t, c.args...)
		if code != exitOK {
			t.Errorf("%v: exit code %d: %s", c.args, code, stderr)
		}
		for _, w := range c.want {
			if !strings.Contains(stdout, w) {
				t.Errorf("%v: output lacks %q:\n%s", c.args, w, stdout)
			}
		}
	}
}
