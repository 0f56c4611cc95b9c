// A signature drawn with a finger, a pen or a mouse. `strokes`: [[[x, y], …], …], whole numbers in a frame 1000 × 400.

const WIDTH = 1000;
const HEIGHT = 400;
const POINTS = 2_000; // beyond, a drawing is no signature
const NEAR = 4;

export class SignaturePad {
  strokes = [];
  #canvas;
  #stroke = null;
  #points = 0;

  constructor(canvas) {
    this.#canvas = canvas;
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => (this.#stroke = null));
    new ResizeObserver(() => this.fit()).observe(canvas);
  }

  clear() {
    this.strokes = [];
    this.#points = 0;
    this.#draw();
  }

  fit() {
    const ratio = window.devicePixelRatio || 1;
    const { width, height } = this.#canvas.getBoundingClientRect();
    this.#canvas.width = Math.round(width * ratio);
    this.#canvas.height = Math.round(height * ratio);
    this.#draw();
  }

  #point({ clientX, clientY }) {
    const box = this.#canvas.getBoundingClientRect();
    const within = (value, most) => Math.min(most, Math.max(0, Math.round(value)));
    return [within(((clientX - box.left) / box.width) * WIDTH, WIDTH), within(((clientY - box.top) / box.height) * HEIGHT, HEIGHT)];
  }

  #down(event) {
    event.preventDefault();
    this.#canvas.setPointerCapture(event.pointerId);
    this.#stroke = [this.#point(event)];
    this.strokes.push(this.#stroke);
    this.#draw();
  }

  #move(event) {
    if (!this.#stroke || this.#points >= POINTS) return;
    const [x, y] = this.#point(event);
    const [lastX, lastY] = this.#stroke.at(-1);
    if (Math.hypot(x - lastX, y - lastY) < NEAR) return;
    this.#stroke.push([x, y]);
    this.#points += 1;
    this.#draw();
  }

  #draw() {
    const { width, height } = this.#canvas;
    const pen = this.#canvas.getContext("2d");
    pen.clearRect(0, 0, width, height);
    pen.lineWidth = Math.max(2, width / 250);
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = pen.fillStyle = getComputedStyle(this.#canvas).color;
    for (const stroke of this.strokes) {
      pen.beginPath();
      for (const [x, y] of stroke) pen.lineTo((x / WIDTH) * width, (y / HEIGHT) * height);
      if (stroke.length === 1) pen.arc((stroke[0][0] / WIDTH) * width, (stroke[0][1] / HEIGHT) * height, pen.lineWidth / 2, 0, 7);
      pen.stroke();
    }
  }
}
