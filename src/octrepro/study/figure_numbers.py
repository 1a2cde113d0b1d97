"""Which figure of ours stands for which figure of the source report."""

FIGURE_NUMBERS = {
    name: number
    for number, name in enumerate(
        (
            "perceptron_accuracy",
            "logistic_accuracy_lr0_01",
            "logistic_accuracy_lr0_001",
            "mlp_accuracy",
            "mlp_loss",
            "torch_logistic_loss",
            "torch_logistic_val_accuracy",
            "feedforward_loss_batch_small",
            "feedforward_loss_batch_large",
            "feedforward_loss_lr_best",
            "feedforward_loss_lr_worst",
            "feedforward_loss_long_best",
            "feedforward_loss_long_worst",
            "boolean_counterexample",
        ),
        start=1,
    )
}
