import type { VNode } from 'preact';
import type { NearFaceError } from 'nearface';
import { useStore } from '../../state/store.ts';

/** Why nothing can be measured, and what to do. */
export function TooFewPeople({ error }: { readonly error: NearFaceError }): VNode {
  const { batch, settings } = useStore();
  const { people, peopleWithSeveral, needed, neededWithSeveral } = error.details;
  return (
    <section class="panel stack-3 empty-state" aria-label="Too few people">
      <h2>There are too few people in “{settings.gallery.value}”</h2>
      <p class="muted narrow">
        A threshold is measured on your own faces: two photos of one person tell how often somebody is not
        known again, photos of two people how often one is taken for the other. So several people are needed,
        some of them with several photos under one name.
      </p>
      <dl class="needs">
        <Need label="People" there={Number(people)} needed={Number(needed)} />
        <Need
          label="With two photos or more"
          there={Number(peopleWithSeveral)}
          needed={Number(neededWithSeveral)}
        />
      </dl>
      <div class="row center">
        <a class="button primary" href="#/people">
          Add photos
        </a>
        <button type="button" class="button" onClick={() => void batch.enrolVersions()}>
          Enrol the samples, each in three versions
        </button>
      </div>
      <p class="muted small narrow">
        The samples show 21 people, under made-up names, once as they are, once mirrored and once dimmed and
        blurred: enough to try this page, and easier than real photos of different days.
      </p>
    </section>
  );
}

interface NeedProps {
  readonly label: string;
  readonly there: number;
  readonly needed: number;
}

function Need({ label, there, needed }: NeedProps): VNode {
  const text = `${there} of ${needed} needed`;
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        <meter aria-label={label} min={0} max={needed} value={Math.min(there, needed)}>
          {text}
        </meter>
        <span class="num small">{text}</span>
      </dd>
    </div>
  );
}
