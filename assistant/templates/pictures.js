// Window and level on the stored values of a DICOM picture: what the sliders ask for is drawn on a canvas
// over the picture. Functions as in DICOM PS3.3 C.11.2.1.2 (LINEAR) and C.11.2.1.3 (LINEAR_EXACT, SIGMOID).
window.aetiaWindow = (() => {
  const codesOf = new WeakMap();

  // Deflated: low bytes, then high bytes, of each value less the one to its left, modulo 65536.
  async function unpacked(canvas) {
    const packed = Uint8Array.from(atob(canvas.dataset.values), (letter) => letter.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    const { width, height } = canvas;
    const codes = new Uint16Array(width * height);
    for (let i = 0; i < codes.length; i++) {
      const change = bytes[i] + 256 * bytes[codes.length + i];
      codes[i] = i % width ? codes[i - 1] + change : change;
    }
    return codes;
  }

  function share(value, centre, width, name) {
    if (name === "SIGMOID") return 1 / (1 + Math.exp((-4 * (value - centre)) / width));
    const [middle, wide] = name === "LINEAR" ? [centre - 0.5, width - 1] : [centre, width];
    if (value <= middle - wide / 2) return 0;
    return value > middle + wide / 2 ? 1 : (value - middle) / wide + 0.5;
  }

  async function draw(figure) {
    const canvas = figure.querySelector("canvas.values");
    if (!codesOf.has(canvas)) codesOf.set(canvas, unpacked(canvas));
    const codes = await codesOf.get(canvas);
    const { low, step, inverted, name } = canvas.dataset;
    const [centre, width] = [figure.querySelector(".level").value, figure.querySelector(".window").value].map(Number);
    const greys = new Uint32Array(65536); // one grey for each code, as the four bytes of a pixel
    for (let code = 0; code < greys.length; code++) {
      const part = share(Number(low) + code * Number(step), centre, width, name);
      const grey = Math.round(255 * (inverted ? 1 - part : part));
      greys[code] = (255 << 24) | (grey << 16) | (grey << 8) | grey;
    }
    const pixels = new Uint32Array(codes.length);
    for (let i = 0; i < codes.length; i++) pixels[i] = greys[codes[i]];
    const drawn = new ImageData(new Uint8ClampedArray(pixels.buffer), canvas.width, canvas.height);
    canvas.getContext("2d").putImageData(drawn, 0, 0);
    canvas.hidden = false;
  }

  function say(figure) {
    const unit = figure.querySelector("canvas.values").dataset.unit;
    for (const slider of figure.querySelectorAll(".window, .level")) {
      const told = `${Number(slider.value)} ${unit}`.trim();
      slider.setAttribute("aria-valuetext", told);
      slider.parentElement.querySelector("output").value = told;
    }
    for (const button of figure.querySelectorAll("button[data-centre]")) {
      const same = ["centre", "window"].every((key, i) =>
        Number(button.dataset[key]) === Number(figure.querySelector([".level", ".window"][i]).value));
      button.setAttribute("aria-pressed", same);
    }
  }

  function set(figure, centre, width) {
    figure.querySelector(".level").value = centre;
    figure.querySelector(".window").value = width;
  }

  return {
    // A slider was moved.
    moved(slider) {
      const figure = slider.closest("figure");
      say(figure);
      return draw(figure);
    },
    // A button of a usual window was pressed.
    preset(button) {
      const figure = button.closest("figure");
      set(figure, button.dataset.centre, button.dataset.window);
      say(figure);
      return draw(figure);
    },
    // As the file asks: by its window, or, where it has a table, the picture as it came.
    reset(inside) {
      const figure = inside.closest("figure");
      const canvas = figure.querySelector("canvas.values");
      set(figure, canvas.dataset.centre, canvas.dataset.window);
      say(figure);
      if (!canvas.dataset.table) return draw(figure);
      canvas.hidden = true;
    },
  };
})();
