"""Chapter 00, how to work here."""

from lessonconv.exercises.question import Choice, Number, Option, right

QUESTIONS = {
    "window": Number(
        given="A window of 3×3 cells slides over an input of 6×6 cells. It stops at 4·4 = 16 places; at each it "
        "multiplies what it sees with its weights and adds up, which makes one output. Take one cell of the input, in "
        "row 2 and column 3, counted from 0.",
        ask="How many of the 16 outputs hear of that cell?",
        answer=9,
        wrong={
            1: "So it would be if the window moved on by its own width. It moves on by one cell, so windows overlap.",
            3: "In one direction: three rows to start from. For each of these there are three columns.",
            6: "3 + 3. Each of three rows goes with each of three columns: 3·3.",
            4: "That would be a window of 2×2.",
            16: "Not all. A window that stops at the left edge sees columns 0 to 2, and not column 3.",
        },
        explanation="A window sees row 2 if it starts in row 0, 1 or 2, and column 3 if it starts in column 1, 2 or 3: "
        "3·3 places. So nine outputs are made with this cell, and when the layer learns, nine voices come back to it. "
        "What becomes of them is what this series is about.",
    ),
    "nudge": Number(
        given="z = w[0]·x[0] + w[1]·x[1] + w[2]·x[2], with x = [2, 3, 5]. The loss L grows by 4 whenever z grows by 1: "
        "∂L/∂z = 4.",
        ask="The weight w[1] grows by 1. By how much does L grow?",
        answer=12,
        wrong={
            1: "w[1] grew by 1. But z feels it x[1] times, and L feels z four times.",
            3: "So much does z grow. And L grows by 4 for each 1 of z.",
            4: "That would be so if z grew by 1. How much does it grow?",
            7: "3 + 4. The two are multiplied: three times as much in z, and each of these counts 4.",
            8: "That is the gradient of w[0], which meets x[0] = 2.",
            40: "That is 4·(2 + 3 + 5): all three weights grew.",
        },
        explanation="z grows by x[1] = 3, and L by 4 for each of these: 4·3 = 12. That is the chain rule, and the "
        "gradient of a weight: ∂L/∂w[1] = ∂L/∂z · x[1].",
    ),
    "bracket": Number(
        given="A bracket [ … ] is 1 where what it says is true, and 0 where it is not. Take the sum of [k = 2]·w[k] "
        "over k = 0, 1, 2, 3, 4.",
        ask="How many of its five terms can be other than 0?",
        answer=1,
        wrong={
            0: "For k = 2 the statement is true, and the bracket is 1.",
            2: "k counts from 0, and the bracket asks for one value of it.",
            4: "It is the other way round: where k is not 2, the bracket is 0.",
            5: "The bracket is a factor of each term. For k = 0 it says [0 = 2], and that is not true.",
        },
        explanation="Only k = 2 is left: the whole sum is w[2]. When the computer derives a gradient, brackets like "
        "this one do most of the work.",
    ),
    "shape": Choice(
        given="A layer has weights w of shape (8, 3, 5, 5), and takes inputs x of shape (64, 3, 28, 28).",
        ask="What is the shape of ∂L/∂w?",
        options=(
            Option(
                "A single number",
                "L is a single number. But it can be asked of each of the 600 weights how L changes with it.",
            ),
            Option(
                "(64, 8, 3, 5, 5)",
                "One gradient for each of the 64 images? All of them used the same weights, so their shares are added "
                "up.",
            ),
            right(
                "(8, 3, 5, 5)", "As w: for every weight one number, which says where L would go if that weight grew."
            ),
            Option("(64, 3, 28, 28)", "That is the shape of ∂L/∂x: one number for each input."),
        ),
        explanation="A gradient has the shape of what it is the gradient of. It is the first thing to check in any "
        "backward pass, and it finds half of all mistakes.",
    ),
    "shared": Choice(
        given="One weight w is used twice: z[0] = w·x[0] and z[1] = w·x[1]. The first output asks for more of w: its "
        "share of the gradient is −5. The second asks for less: its share is +5.",
        ask="What is ∂L/∂w?",
        options=(
            right("0", "L hears of w in two ways, and these two cancel: a small change of w leaves L as it is."),
            Option(
                "−5 and +5, one for each output",
                "There is one weight, which can only move one way. It has one gradient.",
            ),
            Option("5", "The sizes are alike, but the signs are not: what one output gains, the other loses."),
            Option(
                "+5, because the last output decides", "Both outputs count. In code this is the difference of = and +=."
            ),
        ),
        explanation="The shares are added: −5 + 5 = 0. A weight that is used in many places hears all of them at once. "
        "The taps of a convolution kernel are such weights, and chapter 04 is about them.",
    ),
}
