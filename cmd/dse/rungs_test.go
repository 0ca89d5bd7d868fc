package main

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// A study on rungs that is killed, resumed and extended ends with the bytes of one that was asked for as much
// from the start, and the study commands read it.
func TestRungsKilledAndExtended(t *testing.T) {
	dse, data := program(t), smallData(t)
	whole, parts := t.TempDir(), t.TempDir()
	args := func(evaluations string, more ...string) []string {
		return append([]string{
			"run", "--data", data, "--float-epochs", "1", "--epochs", "0.6", "--study", "study", "--baselines", "4", "--population", "2",
			"--rungs", "0.4,1", "--keep", "0.5", "--inherit", "--evaluations", evaluations,
		}, more...)
	}
	want := finish(t, dse, whole, args("4", "--workers", "2"))

	stopAt(t, dse, parts, args("2"), "trial done", 2, syscall.SIGKILL)
	finish(t, dse, parts, args("2", "--workers", "1"))
	stopAt(t, dse, parts, args("4", "--extend"), "trial done", 1, syscall.SIGKILL)
	if got := finish(t, dse, parts, args("4", "--extend", "--workers", "1")); !bytes.Equal(got, want) {
		t.Errorf("the extended study ends with\n%s\none asked for all at once with\n%s", got, want)
	}

	output := func(code int, args ...string) string {
		t.Helper()
		c := exec.Command(dse, args...)
		c.Dir = whole
		out, _ := c.CombinedOutput()
		if got := c.ProcessState.ExitCode(); got != code {
			t.Fatalf("%v: exit code %d, want %d\n%s", args, got, code, out)
		}
		return string(out)
	}
	if out := output(exitUsage, args("3", "--extend")...); !strings.Contains(out, "--evaluations 4 already") {
		t.Errorf("less budget: %s", out)
	}
	var exported exportedStudy
	if err := json.Unmarshal([]byte(output(exitOK, "study", "export", "study")), &exported); err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, trial := range exported.Trials {
		kinds[trial.Kind]++
	}
	if kinds["float"] != 1 || kinds["baseline"] != 1 || kinds["probe"] != 4 || kinds["design"] < 1 || len(exported.Front) < 1 {
		t.Errorf("trials %v, front %v", kinds, exported.Front)
	}
	var compared comparison
	if err := json.Unmarshal([]byte(output(exitOK, "study", "compare", "study", "--reference", "200,100", "--json")), &compared); err != nil {
		t.Fatal(err)
	}
	if s := compared.Studies[0]; s.Hypervolume <= 0 || s.AtEqual != s.Hypervolume || len(s.Course) != len(exported.Trials) || s.Homogeneous <= 0 {
		t.Errorf("comparison %+v", compared)
	}
	for _, c := range []struct {
		want string
		args []string
	}{
		{"mobilenetv2-micro", []string{"study", "list", "."}},
		{"rung=2/2", []string{"study", "show", "study"}},
		{"memory", []string{"study", "front", "study"}},
		{"id,kind,memory,error,violation", []string{"study", "export", "study", "--csv"}},
		{"hypervolume", []string{"study", "compare", "study"}},
		{"sram", []string{"sweep", "--study", "study", "--vary", "sram=128KiB,256KiB"}},
	} {
		if out := output(exitOK, c.args...); !strings.Contains(out, c.want) {
			t.Errorf("%v: no %q in\n%s", c.args, c.want, out)
		}
	}
	for _, c := range []struct {
		want string
		args []string
	}{
		{"there is no study", []string{"study", "show", "elsewhere"}},
		{"--reference: 1 values for the 2 objectives", []string{"study", "compare", "study", "--reference", "3"}},
		{"nothing varies", []string{"sweep"}},
		{"leave --bits", []string{"sweep", "--study", "study", "--bits", "8/8", "--vary", "sram=1MiB"}},
		{"did you mean", []string{"sweep", "--vary", "clok=1 GHz"}},
		{"--problems", []string{"bench", "search", "--problems", "ZDT9"}},
		{"--keep must lie", []string{"run", "--keep", "2"}},
		{"rungs must be shares", []string{"run", "--rungs", "0.5,0.2"}},
		{"--algorithm", []string{"run", "--algorithm", "guess"}},
	} {
		if out := output(exitUsage, c.args...); !strings.Contains(out, c.want) {
			t.Errorf("%v: no %q in\n%s", c.args, c.want, out)
		}
	}
}
