package main

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"dse/models"
	"dse/qat"
	"dse/qat/kernel"
)

// benchBits is the width at which quantized steps are measured; the cost of a step does not depend on it.
const benchBits = 4

// gemmSizes are the square products measured.
var gemmSizes = []int{120, 240, 480, 960}

// stepRow is the speed of one training step.
type stepRow struct {
	Model    string  `json:"model"`
	Batch    int     `json:"batch"`
	Threads  int     `json:"threads"`
	Mode     string  `json:"mode"` // float or quantized
	ImagesPS float64 `json:"images_per_second"`
	StepMS   float64 `json:"step_ms"` // median
	// CPUMS is the mean processor time of all threads, which other work on the machine disturbs less.
	CPUMS     float64 `json:"cpu_ms_per_step"`
	StepAlloc float64 `json:"alloc_bytes_per_step"`
}

// gemmRow is the speed of an n x n x n matrix product on one thread.
type gemmRow struct {
	N       int     `json:"n"`
	Gflops  float64 `json:"gflops"`
	Percent float64 `json:"percent_of_peak"`
}

// trainBench is the JSON file of dse bench train.
type trainBench struct {
	Kernels string    `json:"kernels"` // instruction set of the inner loops in use
	Steps   []stepRow `json:"steps"`
	Gemm    []gemmRow `json:"gemm"`
	PeakMB  float64   `json:"peak_memory_mb"` // of the process, 1 MB = 1e6 bytes
}

// benchFlags are the flags of dse bench train as typed.
type benchFlags struct {
	models  []string
	threads []int
	modes   []string
	time    time.Duration
	file    string
}

func newBenchTrainCommand() *cobra.Command {
	f := &benchFlags{}
	c := &cobra.Command{
		Use:   "train",
		Short: "Measure training steps, float and quantized, and the matrix product under them",
		Long: `Repeats whole training steps (forward, backward, update) on images of noise and shows the median, and
matrix products on one thread against what the core does on registers alone. Memory is allocated by
the first steps, which are not measured. Rates compare only with others of the same machine.`,
		Example: "  dse bench train\n  dse bench train --model mobilenetv2-micro:128 --threads 1 --json speed.json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return benchTrain(f, c.OutOrStdout())
		},
	}
	fl := c.Flags()
	fl.StringArrayVar(&f.models, "model", []string{"mobilenetv2-micro:128", "mobilenetv2-1.0-224:8"}, "network and batch, may be repeated")
	fl.IntSliceVar(&f.threads, "threads", []int{1, 2}, "numbers of threads")
	fl.StringSliceVar(&f.modes, "mode", []string{"float", "quantized"}, "float, quantized or both")
	fl.DurationVar(&f.time, "time", 3*time.Second, "time to measure each step and each product, at least three repetitions")
	fl.StringVar(&f.file, "json", "", "also write the figures to this file as JSON")
	return c
}

// benchCase is a parsed --model.
type benchCase struct {
	network *models.Network
	batch   int
}

func parseBenchCase(text string) (c benchCase, err error) {
	name, batch, ok := strings.Cut(text, ":")
	if !ok {
		return c, fmt.Errorf("%q has no batch: write NAME:BATCH, such as mobilenetv2-micro:128", text)
	}
	if c.batch, err = strconv.Atoi(batch); err != nil || c.batch < 1 {
		return c, fmt.Errorf("%q: the batch must be a whole number of at least 1", text)
	}
	c.network, err = models.Build(name)
	return c, err
}

func benchTrain(f *benchFlags, w io.Writer) error {
	var cases []benchCase
	for _, m := range f.models {
		c, err := parseBenchCase(m)
		if err != nil {
			return input(fmt.Errorf("--model: %w", err))
		}
		cases = append(cases, c)
	}
	for _, m := range f.modes {
		if m != "float" && m != "quantized" {
			return input(fmt.Errorf("--mode is float or quantized, got %q", m))
		}
	}
	for _, n := range f.threads {
		if n < 1 {
			return input(fmt.Errorf("--threads must be at least 1, got %d", n))
		}
	}
	out := trainBench{Kernels: kernel.Implementation(), Steps: []stepRow{}, Gemm: benchGemm(f.time)}
	fmt.Fprintf(w, "matrix product, 1 thread, %s\n", out.Kernels)
	for _, g := range out.Gemm {
		fmt.Fprintf(w, "  %4d^3 %8.1f GFLOP/s %5.1f %% of peak\n", g.N, g.Gflops, g.Percent)
	}
	fmt.Fprintf(w, "%-24s %5s %7s %-9s %10s %10s %10s %12s\n", "training step", "batch", "threads", "mode", "ms", "CPU ms", "images/s", "bytes/step")
	for _, c := range cases {
		for _, mode := range f.modes {
			for _, threads := range f.threads {
				runtime.GC() // the peak memory is that of one program, not of all before it
				row, err := benchStep(c, mode, threads, f.time)
				if err != nil {
					return err
				}
				out.Steps = append(out.Steps, row)
				fmt.Fprintf(w, "%-24s %5d %7d %-9s %10.2f %10.2f %10.1f %12.0f\n",
					row.Model, row.Batch, row.Threads, row.Mode, row.StepMS, row.CPUMS, row.ImagesPS, row.StepAlloc)
			}
		}
	}
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		return fmt.Errorf("asking for the peak memory: %w", err)
	}
	out.PeakMB = float64(usage.Maxrss) * 1024 / 1e6 // Linux counts KiB
	fmt.Fprintf(w, "peak memory %.0f MB\n", out.PeakMB)
	if f.file == "" {
		return nil
	}
	if err := saveJSON(f.file, out); err != nil {
		return input(fmt.Errorf("--json: %w", err))
	}
	return nil
}

// benchStep measures one combination.
func benchStep(c benchCase, mode string, threads int, d time.Duration) (stepRow, error) {
	bits := 0
	if mode == "quantized" {
		bits = benchBits
	}
	slicing := c.network.PerTensor()
	for i := range slicing {
		slicing[i] = 1 // a slice per output channel, the finest and slowest
	}
	s, err := qat.NewStepper(qat.NewModel(c.network, slicing, qat.DefaultQuantization(), 1), c.batch, bits, threads)
	if err != nil {
		return stepRow{}, err
	}
	defer s.Close()
	var failed error
	step := func() {
		if err := s.Step(); err != nil {
			failed = err
		}
	}
	step()
	step()
	took := newTimes() // memory that is not the step's
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, err := cpuTime()
	if err != nil {
		return stepRow{}, err
	}
	took = repeat(took, d, step)
	end, err := cpuTime()
	if err != nil {
		return stepRow{}, err
	}
	runtime.ReadMemStats(&after)
	if failed != nil {
		return stepRow{}, fmt.Errorf("%s: %w", c.network.Name, failed)
	}
	median := took[len(took)/2].Seconds()
	return stepRow{
		Model: c.network.Name, Batch: c.batch, Threads: threads, Mode: mode, ImagesPS: float64(c.batch) / median, StepMS: 1000 * median,
		CPUMS:     1000 * (end - cpu).Seconds() / float64(len(took)),
		StepAlloc: float64(after.TotalAlloc-before.TotalAlloc) / float64(len(took)),
	}, nil
}

// cpuTime returns the processor time that the process has used.
func cpuTime() (time.Duration, error) {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		return 0, fmt.Errorf("asking for the processor time: %w", err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), nil
}

// newTimes has room for all repetitions of a measurement.
func newTimes() []time.Duration { return make([]time.Duration, 0, 1<<16) }

// repeat calls f for about d, at least three times, and returns how long each call took, ascending, in
// the memory of took.
func repeat(took []time.Duration, d time.Duration, f func()) []time.Duration {
	for begin := time.Now(); len(took) < 3 || (time.Since(begin) < d && len(took) < cap(took)); {
		t := time.Now()
		f()
		took = append(took, time.Since(t))
	}
	slices.Sort(took)
	return took
}

// benchGemm measures the products against the peak, each size beside a peak of its own: clocks change.
func benchGemm(d time.Duration) []gemmRow {
	const rounds = 1 << 15
	var rows []gemmRow
	for _, n := range gemmSizes {
		a, b, c := make([]float32, n*n), make([]float32, n*n), make([]float32, n*n)
		for i := range a {
			a[i], b[i] = float32(i%7), float32(i%5)
		}
		var s kernel.Scratch
		flops := 0.0
		took := repeat(newTimes(), d, func() { kernel.Gemm(&s, n, n, n, a, n, 1, b, n, c, n, false) })
		peak := repeat(newTimes(), d/4, func() { flops = kernel.PeakLoop(rounds) })
		rate := 2 * float64(n) * float64(n) * float64(n) / took[len(took)/2].Seconds() / 1e9
		top := flops / peak[len(peak)/2].Seconds() / 1e9
		rows = append(rows, gemmRow{N: n, Gflops: rate, Percent: 100 * rate / top})
	}
	return rows
}
