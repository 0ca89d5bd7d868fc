package models

// imageNet are the defaults of classifiers for ImageNet at one width.
var imageNet = Options{Image: Shape{3, 224, 224}, Classes: 1000, StemStride: 2}

// at returns the options with another image side.
func (o Options) at(side int) Options {
	o.Image.H, o.Image.W = side, side
	return o
}

// scalable returns the options with a width of 1.
func (o Options) scalable() Options {
	o.Width = 1
	return o
}

// rigid returns the options without a choice of the first stride.
func (o Options) rigid() Options {
	o.StemStride = 0
	return o
}

// small returns the defaults of a network for other inputs: first stride 1, no width to choose.
func small(channels, height, width, classes int) Options {
	return Options{Image: Shape{channels, height, width}, Classes: classes, StemStride: 1}
}

// stride returns the options with another first stride.
func (o Options) stride(n int) Options {
	o.StemStride = n
	return o
}

// scaledBy returns the options with another width.
func (o Options) scaledBy(width float64) Options {
	o.Width = width
	return o
}

// catalogue holds the families of networks.
var catalogue = []family{
	{
		name: "mobilenetv1", about: "MobileNet (Howard et al. 2017, table 1)",
		defaults: imageNet.scalable(), published: []string{"-0.25-224", "-0.5-224", "-0.75-224", "-1.0-224"}, build: mobileNetV1,
	},
	{
		name: "fdmobilenet", about: "FD-MobileNet (Qin et al. 2018, table 1)",
		defaults: imageNet.scalable(), published: []string{"-0.25-128", "-0.25-224", "-1.0-224"}, build: fdMobileNet,
	},
	{
		name: "st-fdmobilenet", about: "ST FdMobileNet v1 (STM32 model zoo): FD-MobileNet with a width for each layer",
		defaults: imageNet, published: []string{"-128", "-224"}, build: stFdMobileNet,
	},
	{
		name: "mobilenetv2", about: "MobileNetV2 (Sandler et al. 2018, table 2)",
		defaults: imageNet.scalable(), published: []string{"-0.35-224", "-0.5-224", "-0.75-224", "-1.0-224", "-1.4-224"}, build: mobileNetV2,
	},
	{
		name: "mobilenetv2-micro", about: "small MobileNetV2 for 28x28 grey images, 36 thousand parameters",
		defaults: fixed(MobileNetV2Micro), published: []string{""}, build: fromConfig(MobileNetV2Micro),
	},
	{
		name: "mobilenetv2-mini", about: "MobileNetV2 for 28x28 grey images: under half a million parameters and 8 million MACs",
		defaults: fixed(MobileNetV2Mini), published: []string{""}, build: fromConfig(MobileNetV2Mini),
	},
	{
		name: "resnet18", about: "ResNet-18 (He et al. 2016, table 1)",
		defaults: imageNet.scalable(), published: []string{"-0.25-224", "-224"}, build: resNet18,
	},
	{
		name: "resnet18wd4", about: "ResNet-18 at a quarter of the width but for its last block (STM32 model zoo)",
		defaults: imageNet, published: []string{"-224"}, build: resNet18wd4,
	},
	{name: "resnet34", about: "ResNet-34 (He et al. 2016, table 1)", defaults: imageNet.scalable(), published: []string{"-224"}, build: resNet34},
	{
		name: "resnet50", about: "ResNet-50 (He et al. 2016, table 1): strides in the first 1x1 convolution",
		defaults: imageNet.scalable(), published: []string{"-224", "-299"}, build: resNet50,
	},
	{
		name: "resnet50v1.5", about: "ResNet-50 with strides in the 3x3 convolution, as MLPerf uses it",
		defaults: imageNet.scalable(), published: []string{"-224"}, build: resNet50v15,
	},
	{name: "resnet101", about: "ResNet-101 (He et al. 2016, table 1)", defaults: imageNet.scalable(), published: []string{"-224"}, build: resNet101},
	{name: "resnet152", about: "ResNet-152 (He et al. 2016, table 1)", defaults: imageNet.scalable(), published: []string{"-224"}, build: resNet152},
	{
		name: "resnet50v2", about: "ResNet-50 v2, norm and ReLU before convolutions (He et al. 2016, identity mappings; Keras applications)",
		defaults: imageNet, published: []string{"-224", "-299"}, build: resNet50v2,
	},
	{
		name: "resnet152v2", about: "ResNet-152 v2, norm and ReLU before convolutions (He et al. 2016, identity mappings; Keras applications)",
		defaults: imageNet, published: []string{"-224", "-299"}, build: resNet152v2,
	},
	{name: "efficientnet-lite0", about: "EfficientNet-Lite0 (TensorFlow TPU models, lite)", defaults: imageNet, published: []string{""}, build: efficientNetLite(1.0, 1.0)},
	{name: "efficientnet-lite1", about: "EfficientNet-Lite1 (TensorFlow TPU models, lite)", defaults: imageNet.at(240), published: []string{""}, build: efficientNetLite(1.0, 1.1)},
	{name: "efficientnet-lite2", about: "EfficientNet-Lite2 (TensorFlow TPU models, lite)", defaults: imageNet.at(260), published: []string{""}, build: efficientNetLite(1.1, 1.2)},
	{name: "efficientnet-lite3", about: "EfficientNet-Lite3 (TensorFlow TPU models, lite)", defaults: imageNet.at(280), published: []string{""}, build: efficientNetLite(1.2, 1.4)},
	{name: "efficientnet-lite4", about: "EfficientNet-Lite4 (TensorFlow TPU models, lite)", defaults: imageNet.at(300), published: []string{""}, build: efficientNetLite(1.4, 1.8)},
	{name: "efficientnet-edgetpu-s", about: "EfficientNet-EdgeTPU-S (TensorFlow TPU models, edgetpu)", defaults: imageNet, published: []string{""}, build: efficientNetEdgeTPU(1.0, 1.0)},
	{name: "efficientnet-edgetpu-m", about: "EfficientNet-EdgeTPU-M (TensorFlow TPU models, edgetpu)", defaults: imageNet.at(240), published: []string{""}, build: efficientNetEdgeTPU(1.0, 1.1)},
	{name: "efficientnet-edgetpu-l", about: "EfficientNet-EdgeTPU-L (TensorFlow TPU models, edgetpu)", defaults: imageNet.at(300), published: []string{""}, build: efficientNetEdgeTPU(1.2, 1.4)},
	{name: "efficientnetv2-b0", about: "EfficientNetV2-B0 (Tan and Le 2021)", defaults: imageNet, published: []string{""}, build: efficientNetV2B(1.0, 1.0)},
	{name: "efficientnetv2-b1", about: "EfficientNetV2-B1 (Tan and Le 2021)", defaults: imageNet.at(240), published: []string{""}, build: efficientNetV2B(1.0, 1.1)},
	{name: "efficientnetv2-b2", about: "EfficientNetV2-B2 (Tan and Le 2021)", defaults: imageNet.at(260), published: []string{""}, build: efficientNetV2B(1.1, 1.2)},
	{name: "efficientnetv2-b3", about: "EfficientNetV2-B3 (Tan and Le 2021)", defaults: imageNet.at(300), published: []string{""}, build: efficientNetV2B(1.2, 1.4)},
	{name: "efficientnetv2-s", about: "EfficientNetV2-S (Tan and Le 2021, table 4)", defaults: imageNet.at(384), published: []string{""}, build: efficientNetV2S},
	{name: "alexnet", about: "AlexNet, grouped, without response normalisation (Krizhevsky et al. 2012)", defaults: imageNet.at(227).rigid(), published: []string{""}, build: alexNet},
	{name: "vgg16", about: "VGG-16 (Simonyan and Zisserman 2015, table 1, D)", defaults: imageNet.scalable().rigid(), published: []string{""}, build: vgg(2, 2, 3, 3, 3)},
	{name: "vgg19", about: "VGG-19 (Simonyan and Zisserman 2015, table 1, E)", defaults: imageNet.scalable().rigid(), published: []string{""}, build: vgg(2, 2, 4, 4, 4)},
	{name: "googlenet", about: "GoogLeNet, Inception v1, without response normalisation (Szegedy et al. 2015, table 1)", defaults: imageNet, published: []string{""}, build: googLeNet},
	{name: "inception-v2", about: "Inception v2 with batch norm (Ioffe and Szegedy 2015, figure 5)", defaults: imageNet, published: []string{""}, build: inceptionV2},
	{name: "inception-v3", about: "Inception v3 (Szegedy et al. 2016)", defaults: imageNet.at(299), published: []string{""}, build: inceptionV3},
	{name: "inception-v4", about: "Inception v4 (Szegedy et al. 2017)", defaults: imageNet.at(299), published: []string{""}, build: inceptionV4},
	{name: "inception-resnet-v2", about: "Inception-ResNet v2 (Szegedy et al. 2017)", defaults: imageNet.at(299), published: []string{""}, build: inceptionResNetV2},
	{name: "densenet121", about: "DenseNet-121 (Huang et al. 2017, table 1)", defaults: imageNet, published: []string{""}, build: denseNet121},
	{name: "squeezenet", about: "SqueezeNet 1.0 (Iandola et al. 2016, table 1)", defaults: imageNet, published: []string{""}, build: squeezeNet10},
	{name: "squeezenet1.1", about: "SqueezeNet 1.1 (the authors' repository)", defaults: imageNet, published: []string{""}, build: squeezeNet11},
	{name: "squeezenext-23", about: "SqueezeNext-23 (Gholami et al. 2018; pytorchcv)", defaults: imageNet.scalable(), published: []string{"-1.0-224"}, build: squeezeNext},
	{name: "squeezenext-23-2x", about: "SqueezeNext-23 2x as Schaefer et al. 2024 quantized it", defaults: imageNet, published: []string{""}, build: squeezeNext2x},
	{name: "mnasnet", about: "MnasNet-B1 (Tan et al. 2019, figure 7; torchvision)", defaults: imageNet.scalable(), published: []string{"-0.5", "-1.0"}, build: mnasNet},
	{name: "shufflenetv2-1.0", about: "ShuffleNetV2 1x (Ma et al. 2018, table 5)", defaults: imageNet, published: []string{""}, build: shuffleNetV2},
	{name: "hardnet39ds", about: "HarDNet-39DS (Chao et al. 2019; the authors' code)", defaults: imageNet, published: []string{""}, build: hardNet39ds},
	{name: "lenet5", about: "LeNet-5 (LeCun et al. 1998)", defaults: small(1, 32, 32, 10).rigid(), published: []string{""}, build: leNet5},
	{name: "lenet5-caffe", about: "LeNet as Caffe and NVDLA have it", defaults: small(1, 28, 28, 10).rigid(), published: []string{""}, build: leNet5Caffe},
	{name: "resnet8", about: "ResNet of 8 layers for small images (He et al. 2016, section 4.2)", defaults: small(3, 32, 32, 10).scalable(), published: []string{""}, build: resNet8},
	{name: "mlperf-tiny-vww", about: "MobileNet 0.25 for visual wake words (MLPerf Tiny)", defaults: small(3, 96, 96, 2).stride(2), published: []string{""}, build: mlperfVWW},
	{name: "mlperf-tiny-ic", about: "ResNet-8 for image classification (MLPerf Tiny)", defaults: small(3, 32, 32, 10), published: []string{""}, build: mlperfIC},
	{name: "mlperf-tiny-kws", about: "DS-CNN for keyword spotting (MLPerf Tiny)", defaults: small(1, 49, 10, 12).rigid(), published: []string{""}, build: mlperfKWS.build},
	{name: "mlperf-tiny-ad", about: "autoencoder for anomaly detection (MLPerf Tiny)", defaults: Options{Image: Shape{640, 1, 1}}, published: []string{""}, build: mlperfAD},
	{name: "ds-cnn-small", about: "DS-CNN S for keyword spotting (Zhang et al. 2017, table 9)", defaults: small(1, 49, 10, 12).rigid(), published: []string{""}, build: dsCNNSmall.build},
	{name: "ds-cnn-medium", about: "DS-CNN M for keyword spotting (Zhang et al. 2017, table 9)", defaults: small(1, 49, 10, 12).rigid(), published: []string{""}, build: dsCNNMedium.build},
	{name: "ds-cnn-large", about: "DS-CNN L for keyword spotting (Zhang et al. 2017, table 9)", defaults: small(1, 49, 10, 12).rigid(), published: []string{""}, build: dsCNNLarge.build},
	{name: "micronet-kws-small", about: "MicroNet KWS-S (Banbury et al. 2021)", defaults: small(1, 49, 10, 12).rigid(), published: []string{""}, build: microNetKWSSmall.build},
	{name: "micronet-kws-medium", about: "MicroNet KWS-M (Banbury et al. 2021)", defaults: small(1, 49, 10, 12).rigid(), published: []string{""}, build: microNetKWSMedium.build},
	{name: "micronet-kws-large", about: "MicroNet KWS-L (Banbury et al. 2021)", defaults: small(1, 49, 10, 12).rigid(), published: []string{""}, build: microNetKWSLarge.build},
	{name: "micronet-vww-4", about: "MicroNet VWW-4 (Banbury et al. 2021)", defaults: small(1, 128, 128, 2).stride(2), published: []string{""}, build: microNetVWW4},
	{name: "person-detection", about: "MobileNet 0.25 on grey images (TensorFlow Lite Micro, person detection)", defaults: small(1, 96, 96, 2).stride(2).scaledBy(0.25), published: []string{""}, build: mobileNetV1},
	{name: "wav2letter", about: "Wav2Letter (Collobert et al. 2016, as in Arm's ML zoo)", defaults: small(39, 1, 296, 29).rigid(), published: []string{""}, build: wav2Letter(7, 250, 2000)},
	{name: "tiny-wav2letter", about: "Tiny Wav2Letter (Arm's ML zoo)", defaults: small(39, 1, 296, 29).rigid(), published: []string{""}, build: wav2Letter(5, 100, 750)},
	{name: "rnnoise", about: "RNNoise, one time step (Valin 2018, as in Arm's ML zoo)", published: []string{""}, build: rnNoise},
	{name: "yolo-fastest", about: "Yolo-Fastest 1.1", defaults: small(3, 320, 320, 80).stride(2), published: []string{"-320"}, build: yoloFastest},
	{name: "yolo-fastest-192-face-v4", about: "Yolo-Fastest 1.1 on grey images, for faces (Emza Visual Sense)", defaults: small(1, 192, 192, 1).stride(2), published: []string{""}, build: yoloFastest},
	{name: "yolov3", about: "YOLOv3 (Redmon and Farhadi 2018)", defaults: small(3, 416, 416, 80).rigid(), published: []string{"-416"}, build: yoloV3},
	{name: "ssd-mobilenet-v1", about: "SSD on MobileNet (Howard et al. 2017, table 13; TensorFlow object detection)", defaults: small(3, 300, 300, 90).stride(2).scalable(), published: []string{"-0.75-300", "-1.0-300"}, build: ssdMobileNetV1},
	{name: "ssd-mobilenet-v2", about: "SSD on MobileNetV2 (TensorFlow object detection)", defaults: small(3, 300, 300, 90).stride(2).scalable(), published: []string{"-1.0-300"}, build: ssdMobileNetV2},
	{name: "ssdlite-mobilenet-v1", about: "SSDLite on MobileNet (Sandler et al. 2018, table 6)", defaults: small(3, 320, 320, 90).stride(2).scalable(), published: []string{"-1.0-320"}, build: ssdLiteMobileNetV1},
	{name: "ssdlite-mobilenet-v2", about: "SSDLite on MobileNetV2 (Sandler et al. 2018, table 6)", defaults: small(3, 320, 320, 90).stride(2).scalable(), published: []string{"-1.0-300", "-1.0-320"}, build: ssdLiteMobileNetV2},
	{name: "deeplabv3-mobilenetv2", about: "DeepLabv3 on MobileNetV2, output stride 16 (Sandler et al. 2018, table 7)", defaults: small(3, 513, 513, 21).stride(2).scalable(), published: []string{"-0.5-513", "-1.0-513"}, build: deepLabV3},
	{name: "unet-mobilenetv2", about: "U-Net on MobileNetV2 (TensorFlow tutorials, image segmentation)", defaults: small(3, 128, 128, 3).stride(2).scalable(), published: []string{"-128"}, build: uNet},
}

// fixed returns the defaults of a network that is given by a table.
func fixed(c MobileNetV2Config) Options {
	return Options{Image: c.Image, Classes: c.Classes, StemStride: c.StemStride}
}
