package models

import "fmt"

// wav2Letter maps 39 cepstral coefficients over time to letters, with convolutions over time alone. The
// number of small convolutions and the channels of small and large ones distinguish the two networks of
// Arm. Source: ARM-software/ML-zoo, models/speech_recognition.
func wav2Letter(middle, small, large int) func(Options) (*Network, error) {
	return func(o Options) (*Network, error) {
		b := newBuilder(o.Name, o.Image)
		b.padding, b.plain = same, true
		b.stage("stem")
		over := func(name string, from, out, kernel, stride int, act Activation) int {
			return b.filter(name, from, filter{out: out, kernel: Window{1, kernel}, stride: Window{1, stride}, act: act})
		}
		x := over("stem", 0, 250, 48, 2, LeakyReLU)
		b.stage("middle")
		for i := range middle {
			x = over(fmt.Sprintf("conv%d", i+1), x, small, 7, 1, LeakyReLU)
		}
		b.stage("head")
		x = over("head.conv1", x, large, 32, 1, LeakyReLU)
		x = over("head.conv2", x, large, 1, 1, LeakyReLU)
		over("letters", x, o.Classes, 1, 1, Linear)
		return b.finish(o.Classes)
	}
}

// rnNoise is one step of a recurrent network that finds the gains of 22 bands from 42 features. The image
// holds the features and the states of three units; the result holds gains, voice activity and new states.
// Source: Valin 2018 (arXiv 1709.08243), figure 2; ARM-software/ML-zoo, models/noise_suppression, for units
// with two biases.
func rnNoise(o Options) (*Network, error) {
	const features, vad, noise, denoise = 42, 24, 48, 96
	o.Image = Shape{features + vad + noise + denoise, 1, 1}
	b := newBuilder(o.Name, o.Image)
	b.stage("features")
	in := b.slice("features", 0, 0, features)
	vadState := b.slice("vad.state", 0, features, vad)
	noiseState := b.slice("noise.state", 0, features+vad, noise)
	denoiseState := b.slice("denoise.state", 0, features+vad+noise, denoise)
	x := b.denseAct("dense", in, 24, Tanh)
	b.stage("vad")
	newVAD := b.gru("vad", x, vadState, Tanh)
	voice := b.denseAct("voice", newVAD, 1, Sigmoid)
	b.stage("noise")
	newNoise := b.gru("noise", b.concat("noise.joined", x, newVAD, in), noiseState, ReLU)
	b.stage("denoise")
	newDenoise := b.gru("denoise", b.concat("denoise.joined", newVAD, newNoise, in), denoiseState, Tanh)
	gains := b.denseAct("gains", newDenoise, 22, Sigmoid)
	b.gather("result", gains, voice, newVAD, newNoise, newDenoise)
	return b.finish(0)
}

// gru adds a gated recurrent unit (Cho et al. 2014) with the reset gate behind the recurrent product:
//
//	z, r = sigmoid(W x + U h),  c = act(W' x + r * U' h),  new h = z * h + (1 - z) * c
func (b *builder) gru(name string, x, h int, act Activation) int {
	n := b.out(h).C
	ofX, ofH := b.dense(name+".input", x, 3*n), b.dense(name+".recurrent", h, 3*n)
	gates := b.residual(name+".gates", b.slice(name+".input.gates", ofX, 0, 2*n), b.slice(name+".recurrent.gates", ofH, 0, 2*n))
	b.n.Layers[gates].Activation = Sigmoid
	update, reset := b.slice(name+".update", gates, 0, n), b.slice(name+".reset", gates, n, n)
	kept := b.multiply(name+".reset.product", b.slice(name+".recurrent.candidate", ofH, 2*n, n), reset)
	candidate := b.residual(name+".candidate", b.slice(name+".input.candidate", ofX, 2*n, n), kept)
	b.n.Layers[candidate].Activation = act
	complement := b.add(Layer{Name: name + ".complement", Kind: Activate, Inputs: []int{update}, Out: b.out(update)})
	old := b.multiply(name+".old", h, update)
	fresh := b.multiply(name+".new", candidate, complement)
	return b.residual(name+".sum", fresh, old)
}
