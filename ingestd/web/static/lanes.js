// The case's time line: from a moment to its place and back, and which clip runs when.

export class Lanes {
  constructor(svg) {
    this.svg = svg;
    this.head = svg.querySelector("#head");
    this.parts = svg.dataset.parts.split(";").filter(Boolean).map((text) => {
      const [begin, end, left, width] = text.split(",").map(Number);
      return { begin, end, left, width };
    });
    this.blocks = [...svg.querySelectorAll(".block")].map((element) => ({
      element,
      acquisition: element.dataset.acquisition,
      lane: Number(element.dataset.lane),
      begin: Number(element.dataset.begin),
      length: Number(element.dataset.length),
    }));
  }

  // Percent of the width; what is folded away lies at the fold.
  place(moment) {
    for (const part of this.parts) {
      if (moment <= part.end) {
        return part.left + (Math.max(0, moment - part.begin) / (part.end - part.begin)) * part.width;
      }
    }
    return 100;
  }

  moment(event) {
    const box = this.svg.getBoundingClientRect();
    const percent = ((event.clientX - box.left) / box.width) * 100;
    for (const part of this.parts) {
      if (percent <= part.left + part.width) {
        return part.begin + (Math.max(0, percent - part.left) / part.width) * (part.end - part.begin);
      }
    }
    return this.parts.at(-1)?.end ?? null;
  }

  show(moment) {
    const place = moment === null ? "-9" : `${this.place(moment)}%`;
    this.head.setAttribute("x1", place);
    this.head.setAttribute("x2", place);
  }

  running(moment, fits) {
    return this.blocks.find(
      (one) => fits(one) && one.begin <= moment && moment < one.begin + Math.max(one.length, 1),
    );
  }
}
