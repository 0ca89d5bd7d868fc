package main

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// smallTrain is a run of a few seconds through three phases, with learned widths.
func smallTrain(data, out string, more ...string) []string {
	return append([]string{
		"train", "--data", data, "--out", out, "--batch", "32", "--checkpoint-every", "20", "--test", "--augment", "flip", "--augment", "crop=2",
		"--phase", "name=float epochs=1 rate=2e-3",
		"--phase", "name=mixed epochs=1 rate=1e-3 quantize=true weight_bits=6 activation_bits=6 learn=true quantizer_rate=0.01 relative=true checks=2",
		"--phase", "name=tune epochs=0.5 rate=5e-4 quantize=true",
		"--target", "weights=25kB", "--target", "activation-peak=25kB",
	}, more...)
}

// A run killed twice and resumed with other numbers of threads leaves the files of one that was not.
func TestKilledTrainingResumes(t *testing.T) {
	dse, data, dir := program(t), smallData(t), t.TempDir()
	if out, err := exec.Command(dse, smallTrain(data, filepath.Join(dir, "whole"))...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	broken := filepath.Join(dir, "broken")
	for i, wait := range []int{40, 100} {
		c := exec.Command(dse, smallTrain(data, broken, "--resume", "--threads", []string{"1", "2"}[i])...)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		deadline := time.Now().Add(time.Minute)
		for {
			text, _ := os.ReadFile(filepath.Join(broken, "metrics.csv"))
			if bytes.Count(text, []byte("\n")) > wait/10 || time.Now().After(deadline) {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
		if err := c.Process.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		if err := c.Wait(); err == nil {
			t.Fatal("the run ended before it was killed")
		}
	}
	if out, err := exec.Command(dse, smallTrain(data, broken, "--resume")...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, name := range []string{"model.safetensors", "run.safetensors", "metrics.jsonl", "metrics.csv", "outcome.json"} {
		want, err := os.ReadFile(filepath.Join(dir, "whole", name))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(broken, name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s differs after kill and resume (%v)", name, err)
		}
	}
	var o trainOutcome
	text, err := os.ReadFile(filepath.Join(broken, "outcome.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &o); err != nil {
		t.Fatal(err)
	}
	if o.Test == nil || o.Test.Of != 400 || o.Test.Percent() < 40 || len(o.Outcome.Phases) != 3 || !o.Outcome.Phases[1].TargetsMet {
		t.Errorf("outcome %s", text)
	}
}

// A folder of images trains, and its unreadable image stops the run with its name or is left out.
func TestTrainOnImages(t *testing.T) {
	if testing.Short() {
		t.Skip("trains a network; left out by -short")
	}
	dir := t.TempDir()
	for c, class := range []string{"dark", "light"} {
		for part, n := range map[string]int{"train": 40, "val": 5} {
			folder := filepath.Join(dir, part, class)
			if err := os.MkdirAll(folder, 0o777); err != nil {
				t.Fatal(err)
			}
			for i := range n {
				img := image.NewGray(image.Rect(0, 0, 30+i%7, 40-i%5))
				for k := range img.Pix {
					img.Pix[k] = byte(60 + 120*c + (k*i)%50)
				}
				var b bytes.Buffer
				if err := png.Encode(&b, img); err != nil {
					t.Fatal(err)
				}
				write(t, folder, string(rune('a'+i/26))+string(rune('a'+i%26))+".png", b.String())
			}
		}
	}
	args := []string{"train", "--model", "mobilenetv2-0.25-32-c2", "--data", dir, "--out", filepath.Join(t.TempDir(), "run"), "--batch", "8",
		"--augment", "resized-crop", "--augment", "flip", "--phase", "epochs=2 rate=1e-2", "--test"}
	code, stdout, stderr := call(t, args...)
	if code != exitOK || !strings.Contains(stdout, "test accuracy") || !strings.Contains(stdout, "(10 images)") {
		t.Fatalf("exit code %d\n%s\n%s", code, stdout, stderr)
	}
	write(t, filepath.Join(dir, "train", "dark"), "bad.png", "no image")
	if code, _, stderr = call(t, args...); code == exitOK || !strings.Contains(stderr, "train/dark/bad.png cannot be read") {
		t.Errorf("exit code %d, message %q", code, stderr)
	}
	if code, stdout, stderr = call(t, append(args, "--skip-unreadable")...); code != exitOK || !strings.Contains(stdout, "unreadable images were left out") {
		t.Errorf("exit code %d\n%s\n%s", code, stdout, stderr)
	}
}

func TestTrainBadInput(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--phase", "epochs=1 rat=1"}, `unknown field "rat"`},
		{[]string{"--phase", "epochs"}, "KEY=VALUE"},
		{[]string{"--phase", "epochs=one"}, "neither a number"},
		{[]string{"--phase", "epochs=1 epochs=2"}, "given twice"},
		{[]string{"--phase", "epochs=-1"}, "must not be negative"},
		{[]string{"--phase", "epochs=1", "--phase-file", "x"}, "exclude each other"},
		{[]string{"--phase-file", write(t, dir, "p.json", "[]")}, "has no phase"},
		{[]string{"--phase-file", write(t, dir, "q.json", "{")}, "list of objects"},
		{[]string{"--slices", "half"}, "channel, tensor or a number"},
		{[]string{"--target", "weight=3kB"}, "weights="},
		{[]string{"--target", "weights=3bananas"}, "bananas"},
		{[]string{"--augment", "mirror"}, "flip, crop=PIXELS"},
		{[]string{"--augment", "resized-crop"}, "folders of images"},
		{[]string{"--batch", "0"}, "--batch"},
		{[]string{"--optimizer", "lion"}, "rmsprop, torch-rmsprop"},
		{[]string{"--rmsprop-momentum", "1"}, "momentum"},
		{[]string{"--threads", "0"}, "--threads"},
		{[]string{"--start", filepath.Join(dir, "none")}, "--start"},
		{[]string{"--start", write(t, dir, "text.safetensors", "no weights at all")}, "--start"},
		{[]string{"--model", "resnet18"}, "resnet18 takes"},
		{[]string{"--data", filepath.Join(dir, "nowhere")}, "CIFAR-10"},
	} {
		code, _, stderr := call(t, append([]string{"train", "--out", filepath.Join(dir, "out")}, c.args...)...)
		if code != exitUsage || !strings.Contains(stderr, c.want) {
			t.Errorf("%v: exit code %d, message %q; want %d and %q", c.args, code, stderr, exitUsage, c.want)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "out")); err == nil {
		t.Error("a folder was made for a run that cannot begin")
	}
}
