package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"dse/accel/unit"
	"dse/models"
	"dse/qat"
	"dse/qat/checkpoint"
	"dse/qat/dataset"
)

// trainFlags are the flags of dse train as typed.
type trainFlags struct {
	model, data, start, out, slices string
	phases, targets, augment        []string
	phaseFile                       string
	settings                        qat.Settings
	penalty                         float64
	seed                            uint64
	threads                         int
	resume, all, test, skipBad      bool
	every, logEvery                 int
}

func newTrainCommand() *cobra.Command {
	f := &trainFlags{settings: qat.DefaultSettings()}
	c := &cobra.Command{
		Use:   "train",
		Short: "Train one network, in float or quantized at given or learned bit-widths",
		Long: `Trains one network through a list of phases and writes, to the folder of --out, the model
(model.safetensors), the state of the run (run.safetensors), metrics (metrics.jsonl, metrics.csv) and the
outcome (outcome.json).

A phase is a list of settings: name, epochs, rate, warm_up (share of the steps), quantize, weight_bits and
activation_bits (initialise the quantizers), learn (widths, under the targets), learn_range (ranges only),
quantizer_rate, relative, update_every, checks. --phase-file takes the same as a JSON list.

Interrupted or killed, the same command with --resume goes on and ends with the same bits.`,
		Example: `  dse train --phase "name=float epochs=8 rate=1e-3" --batch 128 --all --test
  dse train --start runs/float/model.safetensors --phase "epochs=1 rate=5e-4 quantize=true weight_bits=4 activation_bits=4"
  dse train --phase-file phases.json --target weights=12kB --target activation-peak=10KiB --resume`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return train(c.Context(), f, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	fl := c.Flags()
	fl.StringVar(&f.model, "model", "mobilenetv2-micro", "network, see dse model list")
	fl.StringVar(&f.data, "data", dataset.FashionMNIST, "data set: "+dataset.Accepted)
	fl.StringVar(&f.start, "start", "", "float weights to start from: a model or checkpoint of dse, or a safetensors file with torchvision's names")
	fl.StringVar(&f.out, "out", "", "folder of the results (default runs/MODEL-DATA-seedN)")
	fl.StringVar(&f.slices, "slices", "channel", "quantizers of a weight tensor: channel, tensor, or a number of output channels that share one")
	fl.StringArrayVar(&f.phases, "phase", nil, "a phase, may be repeated (default: name=float epochs=2 rate=2e-3 warm_up=0.05)")
	fl.StringVar(&f.phaseFile, "phase-file", "", "phases as a JSON list")
	fl.StringArrayVar(&f.targets, "target", nil, "memory that learned widths must meet: weights=, activation-sum=, activation-max= or activation-peak=SIZE")
	fl.Float64Var(&f.penalty, "penalty", 10, "weight of each target in the loss")
	fl.StringArrayVar(&f.augment, "augment", nil, "change training images: flip, crop=PIXELS (pad and crop), resized-crop (folders of images)")
	fl.IntVar(&f.settings.Batch, "batch", f.settings.Batch, "images per step")
	fl.Float32Var(&f.settings.Smoothing, "label-smoothing", f.settings.Smoothing, "label smoothing")
	fl.Float64Var(&f.settings.WeightDecay, "weight-decay", f.settings.WeightDecay, "weight decay")
	fl.StringVar(&f.settings.Optimizer, "optimizer", qat.Optimizers[0], "one of "+strings.Join(qat.Optimizers, ", "))
	fl.Float64Var(&f.settings.Decay, "rmsprop-decay", f.settings.Decay, "RMSprop: share of the average that a step keeps")
	fl.Float64Var(&f.settings.Momentum, "rmsprop-momentum", f.settings.Momentum, "RMSprop: momentum")
	fl.Float64Var(&f.settings.Eps, "rmsprop-eps", f.settings.Eps, "RMSprop: added under the root")
	fl.IntVar(&f.settings.Reestimate, "reestimate", f.settings.Reestimate, "batches from which norm statistics are estimated anew before a quantized state is judged")
	fl.Uint64Var(&f.seed, "seed", 1, "seed of initial weights, order and augmentation")
	fl.IntVar(&f.threads, "threads", runtime.GOMAXPROCS(0), "threads; changes no result")
	fl.BoolVar(&f.resume, "resume", false, "go on from the state in the folder, if there is one")
	fl.BoolVar(&f.all, "all", false, "train on the held-out images too; nothing may be chosen by the result")
	fl.BoolVar(&f.test, "test", false, "read the test images at the end")
	fl.BoolVar(&f.skipBad, "skip-unreadable", false, "folders of images: leave out files that cannot be read instead of stopping")
	fl.IntVar(&f.every, "checkpoint-every", 500, "steps between two writes of the run's state")
	fl.IntVar(&f.logEvery, "log-every", 10, "steps between two lines of metrics")
	return c
}

// trainJob is a checked dse train.
type trainJob struct {
	flags *trainFlags
	run   qat.Run
	data  trainData
	dir   string
}

// trainOutcome is outcome.json.
type trainOutcome struct {
	Model   string        `json:"model"`
	Data    string        `json:"data"`
	Seed    uint64        `json:"seed"`
	Outcome *qat.Outcome  `json:"outcome"`
	Test    *qat.Accuracy `json:"test_accuracy,omitempty"`
	Digest  string        `json:"model_sha256"` // of model.safetensors
	Skipped int           `json:"unreadable_images_skipped,omitempty"`
}

func train(ctx context.Context, f *trainFlags, stdout, stderr io.Writer) error {
	j, err := newTrainJob(f)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(j.dir, 0o777); err != nil {
		return input(fmt.Errorf("--out: %w", err))
	}
	show := newTrainShow(stderr, j.run.Settings.Batch)
	log := newMetrics(j.dir, f.logEvery)
	j.run.Progress = func(p qat.Progress) {
		log.add(p)
		show.progress(p)
	}
	out, err := qat.Train(ctx, j.run)
	show.close()
	if err = errors.Join(err, log.close()); err != nil {
		return trainError(err)
	}
	result := trainOutcome{Model: f.model, Data: j.data.name, Seed: f.seed, Outcome: out, Skipped: j.data.skipped()}
	if f.test {
		test, err := j.data.test()
		if err != nil {
			return input(fmt.Errorf("--test: %w", err))
		}
		a, err := qat.Evaluate(ctx, j.run.Model, test, out.Precision != nil, f.threads)
		if err != nil {
			return err
		}
		result.Test = &a
	}
	model := filepath.Join(j.dir, "model.safetensors")
	if err := j.run.Model.Save(model); err != nil {
		return err
	}
	text, err := os.ReadFile(model)
	if err != nil {
		return err
	}
	result.Digest = fmt.Sprintf("%x", sha256.Sum256(text))
	if err := saveJSON(filepath.Join(j.dir, "outcome.json"), result); err != nil {
		return err
	}
	return printOutcome(stdout, j, &result)
}

// trainError marks what the user can put right: a state of another run, or one that is damaged.
func trainError(err error) error {
	var mismatch *qat.MismatchError
	if errors.As(err, &mismatch) || errors.Is(err, checkpoint.ErrDamaged) {
		return input(err)
	}
	return err
}

func saveJSON(path string, v any) error {
	return checkpoint.Replace(path, func(w io.Writer) error { return writeJSON(w, v) })
}

// newTrainJob checks everything that can be checked without training.
func newTrainJob(f *trainFlags) (*trainJob, error) {
	if f.threads < 1 || f.every < 1 || f.logEvery < 1 {
		return nil, input(errors.New("--threads, --checkpoint-every and --log-every must be at least 1"))
	}
	phases, err := parsePhases(f.phases, f.phaseFile)
	if err != nil {
		return nil, input(err)
	}
	n, err := models.Build(f.model)
	if err != nil {
		return nil, input(fmt.Errorf("--model: %w", err))
	}
	data, err := openTrainData(f, n)
	if err != nil {
		return nil, input(err)
	}
	slicing := n.PerTensor()
	group, err := parseSlices(f.slices)
	if err != nil {
		return nil, input(err)
	}
	for i := range slicing {
		slicing[i] = group
	}
	m := qat.NewModel(n, slicing, qat.DefaultQuantization(), f.seed)
	if f.start != "" {
		if err := m.Import(f.start); err != nil {
			return nil, input(fmt.Errorf("--start: %w", err))
		}
	}
	j := &trainJob{flags: f, data: data, dir: f.out}
	if j.dir == "" {
		j.dir = filepath.Join("runs", fmt.Sprintf("%s-%s-seed%d", f.model, filepath.Base(data.name), f.seed))
	}
	j.run = qat.Run{
		Model: m, Train: data.train, Held: data.held, Phases: phases, Settings: f.settings, Seed: f.seed, Threads: f.threads,
		Checkpoints: &qat.Checkpoints{Path: filepath.Join(j.dir, "run.safetensors"), Every: f.every, Resume: f.resume, Note: data.note},
	}
	if f.start != "" {
		text, err := os.ReadFile(f.start)
		if err != nil {
			return nil, input(fmt.Errorf("--start: %w", err))
		}
		j.run.Checkpoints.Note += fmt.Sprintf(" start %x", sha256.Sum256(text))
	}
	for _, text := range f.targets {
		p, err := parseTarget(n, text, f.penalty)
		if err != nil {
			return nil, input(fmt.Errorf("--target: %w", err))
		}
		j.run.Penalties = append(j.run.Penalties, p)
	}
	for _, p := range phases {
		if err := p.Check(); err != nil {
			return nil, input(err)
		}
	}
	if err := f.settings.Check(); err != nil {
		return nil, input(err)
	}
	if f.settings.Batch < 1 || data.train.Len() < f.settings.Batch {
		return nil, input(fmt.Errorf("--batch must be from 1 to the number of training images, %d, got %d", data.train.Len(), f.settings.Batch))
	}
	return j, nil
}

// parseSlices reads --slices.
func parseSlices(text string) (int, error) {
	switch text {
	case "tensor":
		return 0, nil
	case "channel":
		return 1, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("--slices is channel, tensor or a number of channels, got %q", text)
	}
	return n, nil
}

// defaultPhase trains in float for as long as the float training of dse run takes.
const defaultPhase = "name=float epochs=2 rate=2e-3 warm_up=0.05"

// parsePhases reads the phases from the command line or from a file.
func parsePhases(list []string, file string) ([]qat.Phase, error) {
	if file == "" {
		if len(list) == 0 {
			list = []string{defaultPhase}
		}
		var phases []qat.Phase
		for i, text := range list {
			p, err := parsePhase(text)
			if err != nil {
				return nil, fmt.Errorf("--phase %q: %w", text, err)
			}
			if p.Name == "" {
				p.Name = strconv.Itoa(i + 1)
			}
			phases = append(phases, p)
		}
		return phases, nil
	}
	if len(list) > 0 {
		return nil, errors.New("--phase and --phase-file exclude each other")
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("--phase-file: %w", err)
	}
	var phases []qat.Phase
	if err := strictJSON(text, &phases); err != nil {
		return nil, fmt.Errorf("--phase-file %s: %w; it is a list of objects such as {\"name\": \"float\", \"epochs\": 2, \"rate\": 0.002}", file, err)
	}
	if len(phases) == 0 {
		return nil, fmt.Errorf("--phase-file %s: it has no phase", file)
	}
	return phases, nil
}

// parsePhase reads "name=float epochs=2 rate=2e-3". The keys are those of the JSON form.
func parsePhase(text string) (p qat.Phase, err error) {
	object := map[string]json.RawMessage{}
	for _, word := range strings.Fields(text) {
		key, value, ok := strings.Cut(word, "=")
		if !ok {
			return p, fmt.Errorf("%q is not of the form KEY=VALUE", word)
		}
		if _, ok := object[key]; ok {
			return p, fmt.Errorf("%s is given twice", key)
		}
		if key == "name" {
			quoted, err := json.Marshal(value)
			if err != nil {
				return p, err
			}
			object[key] = quoted
			continue
		}
		if !json.Valid([]byte(value)) {
			return p, fmt.Errorf("%s: %q is neither a number nor true or false", key, value)
		}
		object[key] = json.RawMessage(value)
	}
	b, err := json.Marshal(object)
	if err != nil {
		return p, err
	}
	return p, strictJSON(b, &p)
}

// strictJSON decodes one value and refuses unknown keys.
func strictJSON(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

// sizeKinds are the memories that --target names.
var sizeKinds = []struct {
	name string
	kind models.SizeKind
}{
	{"weights", models.WeightSize}, {"activation-sum", models.ActivationSum}, {"activation-max", models.ActivationMax}, {"activation-peak", models.ActivationPeak},
}

// parseTarget reads "weights=12kB".
func parseTarget(n *models.Network, text string, weight float64) (qat.Penalty, error) {
	name, value, _ := strings.Cut(text, "=")
	for _, k := range sizeKinds {
		if k.name != name {
			continue
		}
		size, err := unit.Parse[unit.Bytes](value)
		if err != nil {
			return qat.Penalty{}, fmt.Errorf("%q: %w", text, err)
		}
		if size <= 0 {
			return qat.Penalty{}, fmt.Errorf("%q: a target must be positive", text)
		}
		return qat.Penalty{Name: name, Cost: qat.SizeCost{Network: n, Kind: k.kind}, Target: float64(size.Bits()), Weight: weight}, nil
	}
	return qat.Penalty{}, fmt.Errorf("%q: want weights=, activation-sum=, activation-max= or activation-peak=SIZE, for example weights=12kB", text)
}

func printOutcome(w io.Writer, j *trainJob, r *trainOutcome) error {
	for _, p := range r.Outcome.Phases {
		fmt.Fprintf(w, "%-14s %6d steps, loss %.4f, %.2f %% of the last training images", p.Name, p.Steps, p.Loss, 100*p.TrainAccuracy)
		if p.WeightBits > 0 {
			fmt.Fprintf(w, ", %.2f weight and %.2f activation bits", p.WeightBits, p.ActivationBits)
		}
		fmt.Fprintln(w)
	}
	if a := r.Outcome.Accuracy; a.Of > 0 {
		fmt.Fprintf(w, "held-out accuracy %.2f %% +- %.2f (%d images)\n", a.Percent(), a.StandardError(), a.Of)
	}
	if a := r.Test; a != nil {
		fmt.Fprintf(w, "test accuracy %.2f %% +- %.2f (%d images)\n", a.Percent(), a.StandardError(), a.Of)
	}
	if r.Skipped > 0 {
		fmt.Fprintf(w, "%d unreadable images were left out\n", r.Skipped)
	}
	_, err := fmt.Fprintf(w, "model %s, sha256 %s\n", filepath.Join(j.dir, "model.safetensors"), r.Digest)
	return err
}
