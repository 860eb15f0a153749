// Reads the manager's QR code with the phone's camera, where the browser can (`readsCodes`): a code or the address that holds it.
// Must never keep a picture, nor the camera once it was left.
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../words";

interface Detector {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}

declare const BarcodeDetector: new (options: { formats: string[] }) => Detector;

const EVERY = 200; // ms between two looks

/** The code in what a QR code of the console says; null: it is none of ours. */
export function codeIn(text: string): string | null {
  return /#\/enrol\/([\w-]{1,40})$/.exec(text)?.[1] ?? (/^[\w-]{1,40}$/.exec(text)?.[0] || null);
}

export function Scan({ found, away }: { found: (code: string) => void; away: () => void }) {
  const video = useRef<HTMLVideoElement>(null);
  const [words, setWords] = useState("");
  useEffect(() => {
    let over = false;
    let camera: MediaStream | undefined;
    const look = async (detector: Detector) => {
      const read = await detector.detect(video.current!).catch(() => []);
      if (over) return;
      const code = read.map((each) => codeIn(each.rawValue)).find(Boolean);
      if (code) return found(code);
      if (read.length) setWords(t("This is another code. Ask your manager to show the one for this phone."));
      setTimeout(() => void look(detector), EVERY);
    };
    const begin = async () => {
      try {
        camera = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
        if (over) return stop();
        video.current!.srcObject = camera;
        await video.current!.play();
        void look(new BarcodeDetector({ formats: ["qr_code"] }));
      } catch (error) {
        setWords(
          (error as DOMException).name === "NotAllowedError"
            ? t("The browser may not use the camera. Allow it in the browser's settings, or open the phone's own camera and point it at the code.")
            : t("The camera does not open here. Open the phone's own camera and point it at the code, or type the code."),
        );
      }
    };
    const stop = () => camera?.getTracks().forEach((each) => each.stop());
    void begin();
    return () => {
      over = true;
      stop();
    };
  }, []);
  return (
    <div class="scan" data-test="scan">
      <video ref={video} muted playsInline aria-label={t("What the camera sees")} />
      <p role="status">{words || t("Hold the phone so that the whole code is in the picture.")}</p>
      <button type="button" class="wide" onClick={away}>
        {t("Close the camera")}
      </button>
    </div>
  );
}
